import Glibc
import TestSupport
import VarveSystem

/// The directories and files below a directory, by their paths from it.
struct StoredTree: Sendable {
    var directories: Set<String> = []
    var files: [String: [UInt8]] = [:]

    init() {}

    /// What lies at `path` now, if anything.
    init(at path: String) throws {
        guard (try? File.status(of: path)) != nil else { return }
        try read(path, below: "")
    }

    private mutating func read(_ path: String, below prefix: String) throws {
        for entry in try File.openDirectory(path).entries() {
            let name = String(decoding: entry.name, as: UTF8.self)
            let (inner, known) = (path + "/" + name, prefix + name)
            if entry.kind == .directory {
                directories.insert(known)
                try read(inner, below: known + "/")
            } else {
                files[known] = try File.contents(of: inner, limit: 64 << 20)
            }
        }
    }

    /// Replaces what lies at `path`.
    func write(to path: String) throws {
        removeTree(path)
        try File.makeDirectory(path)
        for directory in directories.sorted() { try File.makeDirectory(path + "/" + directory) }
        for (name, bytes) in files { try File.createExclusively(path + "/" + name).write(bytes) }
    }
}
