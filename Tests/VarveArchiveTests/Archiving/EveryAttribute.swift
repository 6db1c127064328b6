import VarveCrypto
import VarveFormat
import VarveSystem

/// Everything about each entry below a directory, and about the directory itself as ".".
struct EveryAttribute {
    private(set) var entries: [[UInt8]: [String: String]] = [:]
    private var inodes: [UInt64: String] = [:]

    init(below path: String) throws {
        let directory = try File.openDirectory(path)
        let status = try directory.status()
        note(Array(".".utf8), status, try directory.extendedAttributes())
        try add(directory, [])
    }

    private mutating func add(_ directory: borrowing File, _ prefix: [UInt8]) throws {
        let entries = try directory.entries()
        for entry in entries.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            let path = prefix + entry.name
            let status = try directory.status(of: entry.name, follow: false)
            switch status.kind {
            case .directory:
                let below = try directory.openDirectory(entry.name)
                note(path, status, try below.extendedAttributes())
                try add(below, path + Array("/".utf8))
            case .regular:
                let file = try directory.openFile(entry.name)
                note(path, status, try file.extendedAttributes())
                let bytes = try file.contents(limit: 1 << 28)
                self.entries[path]?["content"] = Hex.encode(SHA256.digest(bytes))
                self.entries[path]?["size"] = "\(status.size)"
                self.entries[path]?["sparse"] = "\(status.blocks * 512 < status.size)"
            case .symlink:
                note(path, status, [])
                self.entries[path]?["target"] = Hex.encode(try directory.readLink(entry.name))
            default: note(path, status, [])
            }
        }
    }

    private mutating func note(
        _ path: [UInt8], _ status: FileStatus, _ attributes: [(name: [UInt8], value: [UInt8])]
    ) {
        var facts = [
            "kind": "\(status.kind)", "owner": "\(status.uid):\(status.gid)",
            "mode": String(status.mode, radix: 8), "time": "\(status.mtime)",
            "device": "\(status.deviceNumber)",
        ]
        for (name, value) in attributes {
            facts[String(decoding: name, as: UTF8.self)] = Hex.encode(value)
        }
        if status.links > 1, status.kind != .directory {
            let first = inodes[status.inode] ?? String(decoding: path, as: UTF8.self)
            inodes[status.inode] = first
            facts["first name"] = first
        }
        entries[path] = facts
    }

    /// Leaves out facts of one entry, or of all.
    mutating func forget(_ facts: String..., of path: String? = nil) {
        for key in entries.keys where path == nil || key == Array((path ?? "").utf8) {
            for fact in facts { entries[key]?[fact] = nil }
        }
    }

    /// Rounds times down to seconds.
    mutating func keepSeconds() {
        for key in entries.keys {
            guard let time = entries[key]?["time"].flatMap({ Int($0) }) else { continue }
            entries[key]?["time"] = "\(Int((Double(time) / 1e9).rounded(.down)))"
        }
    }

    mutating func forget(entry path: [UInt8]) { entries[path] = nil }

    /// What differs, in words.
    func differences(from other: EveryAttribute) -> [String] {
        var found: [String] = []
        for path in Set(entries.keys).union(other.entries.keys) {
            let name = String(decoding: path, as: UTF8.self)
            let (mine, others) = (entries[path] ?? [:], other.entries[path] ?? [:])
            for fact in Set(mine.keys).union(others.keys) where mine[fact] != others[fact] {
                found.append("\(name): \(fact) \(mine[fact] ?? "-") \(others[fact] ?? "-")")
            }
        }
        return found.sorted()
    }
}
