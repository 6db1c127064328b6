import Glibc
import Testing
import VarveSystem

/// A directory of a test's own, gone with it.
struct ScratchDirectory: ~Copyable {
    let path = "/tmp/varve-catalog-test-" + randomName(byteCount: 8)

    init() throws { try File.makeDirectory(path) }

    deinit { Self.remove(path) }

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
        Self.remove(path + "/" + name)
        try File.makeDirectory(path + "/" + name)
        for (file, bytes) in files {
            let file = try File.createExclusively(path + "/" + name + "/" + file)
            try file.write(bytes)
        }
    }

    static func remove(_ path: String) {
        if let directory = try? File.openDirectory(path) {
            for entry in (try? directory.entries()) ?? [] {
                remove(directory.path(of: entry.name))
            }
            try? File.removeDirectory(path)
        } else {
            try? File.remove(path)
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
