import Glibc
import TestSupport
import Testing
import VarveSystem

extension ScratchDirectory {
    /// Names and contents of the files in a directory below.
    func files(in name: String) throws -> [String: [UInt8]] {
        let directory = try File.openDirectory(path + "/" + name)
        var files: [String: [UInt8]] = [:]
        for entry in try directory.entries() {
            let file = try directory.openFile(entry.name)
            files[String(decoding: entry.name, as: UTF8.self)] = try file.contents(limit: 1 << 30)
        }
        return files
    }

    /// Replaces a directory below by one with these files.
    func write(_ files: [String: [UInt8]], in name: String) throws {
        removeTree(path + "/" + name)
        try File.makeDirectory(path + "/" + name)
        for (file, bytes) in files {
            let file = try File.createExclusively(path + "/" + name + "/" + file)
            try file.write(bytes)
        }
    }
}

/// What another process holds that changes a catalog, for as long as this value lives.
struct HeldLock: ~Copyable {
    private let file: File

    init(_ directory: String) throws {
        file = try File.createOrTruncate(directory + "/lock")
        #expect(flock(file.descriptor, LOCK_EX | LOCK_NB) == 0)
    }

    consuming func release() { flock(file.descriptor, LOCK_UN) }
}
