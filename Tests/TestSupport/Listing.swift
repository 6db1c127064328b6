import VarveCrypto
import VarveFormat
import VarveSystem

/// Every entry below a directory by its path: kind, permissions, time, then length and SHA-256, or
/// target, as `Fixtures/make` writes them.
public func listing(_ path: String) throws -> [String: String] {
    var found: [String: String] = [:]
    func list(_ path: String, _ prefix: String) throws {
        let directory = try File.openDirectory(path)
        for entry in try directory.entries() {
            let status = try directory.status(of: entry.name, follow: false)
            let name = prefix + String(decoding: entry.name, as: UTF8.self)
            var words = ["\(status.kind)", String(status.mode, radix: 8), "\(status.mtime)"]
            switch status.kind {
            case .regular:
                let bytes = try directory.openFile(entry.name).contents(limit: 1 << 30)
                words += ["\(bytes.count)", Hex.encode(SHA256.digest(bytes))]
            case .symlink:
                words.append(String(decoding: try directory.readLink(entry.name), as: UTF8.self))
            case .directory: try list(directory.path(of: entry.name), name + "/")
            default: break
            }
            found[name] = words.joined(separator: " ")
        }
    }
    try list(path, "")
    return found
}
