import VarveCrypto
import VarveFormat
import VarveSystem

/// Every entry below a directory, with all that a snapshot keeps; hard links by the first of their
/// names, holes by where they are.
public func picture(_ path: String) throws -> [String: String] {
    var found: [String: String] = [:]
    var links: [UInt64: String] = [:]
    func draw(_ directory: borrowing File, _ prefix: String) throws {
        let names = try directory.entryNames()
        for index in 0..<names.count {
            let name = names[index]
            let status = try directory.status(of: name)
            guard status.kind != .socket else { continue }
            let path = prefix + Hex.encode(name)
            var text = "\(status.kind) \(String(status.mode, radix: 8)) \(status.uid):\(status.gid)"
            text += " \(status.mtime)"
            for attribute in try directory.extendedAttributes(of: name) {
                text += " \(Hex.encode(attribute.name))=\(Hex.encode(attribute.value))"
            }
            if status.kind != .directory {
                let first = links[status.inode] ?? path
                links[status.inode] = first
                text += " links \(status.links) \(first)"
            }
            switch status.kind {
            case .regular:
                let file = try directory.openFile(name)
                let bytes = try file.contents(limit: 1 << 30)
                text += " \(bytes.count) \(Hex.encode(SHA256.digest(bytes)))"
                text += " \(try file.dataExtents())"
            case .symlink: text += " \(Hex.encode(try directory.readLink(name)))"
            case .directory: try draw(try directory.openDirectory(name), path + "/")
            default: text += " \(status.deviceNumber)"
            }
            found[path] = text
        }
    }
    try draw(try File.openDirectory(path), "")
    return found
}
