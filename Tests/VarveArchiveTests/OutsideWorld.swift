import TestSupport
import Testing
import VarveFormat
import VarveSystem

/// What lies beside the target of a restore, and must stay as it is.
struct OutsideWorld {
    let path: String

    /// Fills a new directory with one entry of each kind that could be reached by mistake.
    init(_ path: String) throws {
        self.path = path
        try File.makeDirectories(path + "/directory")
        let directory = try File.openDirectory(path)
        for name in ["file", "victim", "x", "directory/child"] {
            let file = try File.createExclusively(path + "/" + name, mode: 0o604)
            try file.write(Array("outside \(name)".utf8))
        }
        try directory.makeSymlink(to: "file", "link")
        try directory.makeNode("fifo", kind: .fifo, mode: 0o606)
        for entry in try directory.entries() {
            try directory.setTimes(entry.name, mtimeNanoseconds: 1_234_567_890_123_456_789)
        }
        try directory.setTimes("directory", mtimeNanoseconds: 1_234_567_890_000_000_000)
    }

    /// Everything that is known of it. Of a file that has a further name inside the target the number
    /// of names may change, and with it the ctime.
    func picture() throws -> [String] {
        var lines: [String] = []
        func add(_ directory: borrowing File, _ prefix: String) throws {
            for entry in try directory.entries() {
                let status = try directory.status(of: entry.name)
                let name = prefix + String(decoding: entry.name, as: UTF8.self)
                var line = "\(name) \(status.kind) \(status.mode) \(status.uid) \(status.gid)"
                line += " \(status.mtime) \(status.size) \(status.inode)"
                if name != "/victim" { line += " \(status.links) \(status.ctime)" }
                switch status.kind {
                case .regular:
                    let file = try directory.openFile(entry.name)
                    line += " \(Hex.encode(try file.contents(limit: 1 << 20)))"
                    line += " \(try file.extendedAttributes().count)"
                case .symlink: line += " \(try directory.readLink(entry.name))"
                case .directory: try add(try directory.openDirectory(entry.name), name + "/")
                default: break
                }
                lines.append(line)
            }
        }
        let directory = try File.openDirectory(path)
        let status = try directory.status()
        lines.append("\(status.mode) \(status.mtime) \(status.ctime) \(status.uid)")
        try add(directory, "/")
        return lines.sorted()
    }
}
