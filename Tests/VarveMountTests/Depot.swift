import Synchronization
import TestSupport
import Testing
import VarveArchive
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveMaintenance
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMount

/// A repository in memory with a source directory beside it, removed at the end.
final class Depot: Sendable {
    private let scratch: ScratchDirectory
    let storage = MemoryStorage()
    let repository: Repository
    let secret: SlotSecret
    private let said = Mutex<[String]>([])
    var path: String { scratch.path }
    var source: String { path + "/source" }
    /// What the file systems made here complained of.
    var complaints: [String] { said.withLock { $0 } }

    init() throws {
        scratch = try ScratchDirectory()
        try File.makeDirectory(scratch.path + "/source")
        let secret = SlotSecret.keyFile(try SecretBytes.random(byteCount: 32))
        self.secret = secret
        repository = try Repository.create(
            in: storage, options: CreationOptions(),
            directories: Self.directories(scratch.path, "one"), secret: { _ in secret })
    }

    private static func directories(_ path: String, _ machine: String) -> LocalDirectories {
        LocalDirectories(cache: "\(path)/\(machine)-cache", state: "\(path)/\(machine)-state")
    }

    /// The same repository, as another machine has it, or one with other bytes.
    func open(_ other: MemoryStorage? = nil, machine: String = "two") throws -> Repository {
        try Repository.open(
            other ?? storage, secret: secret, directories: Self.directories(path, machine))
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let path = source + "/" + name
        try File.makeDirectories(File.parent(of: path))
        try File.createOrTruncate(path, mode: 0o644).write(bytes)
    }

    /// Takes a snapshot of the source; `time` is in seconds.
    @discardableResult
    func snapshot(
        _ time: Int64 = 1, host: String = "host", tags: [String] = []
    ) throws -> RepositoryState.SnapshotEntry {
        var options = SnapshotOptions(
            time: time * 1_000_000_000, host: host, user: "user", program: "test")
        options.tags = tags
        _ = try takeSnapshot(of: .paths([source]), into: repository, options)
        try repository.refresh()
        return try #require(repository.state.snapshots.last)
    }

    func forget(_ id: SnapshotID) throws {
        _ = try repository.forget(repository.state.snapshots.filter { $0.id == id })
    }

    /// A file system that looks at the log each time.
    func files(
        of repository: Repository? = nil, ahead: FrameAhead? = nil,
        pieceCacheBytes: Int = MountLimits.pieceCacheBytes
    ) throws -> FileSystem {
        try FileSystem(
            repository ?? self.repository, ahead: ahead, pieceCacheBytes: pieceCacheBytes,
            listKnownFor: -1, complain: { text in self.said.withLock { $0.append(text) } })
    }
}

extension FileSystem {
    /// What lies at a path, looked up name by name and never forgotten; links are not followed.
    func find(_ path: String) throws -> Found {
        try find(path.split(separator: "/").map { Array($0.utf8) })
    }

    func find(_ names: [[UInt8]]) throws -> Found {
        var found = try status(of: .root)
        for name in names { found = try lookup(name, in: found.number) }
        return found
    }

    /// The newest snapshot's entry at an absolute path.
    func newest(_ path: String) throws -> Found {
        let target = try target(of: find("latest").number)
        return try find(String(decoding: target, as: UTF8.self) + path)
    }

    /// All of a listing, a few entries at a time.
    func names(in number: FileNumber, atOnce: Int = 1_000) throws -> [[UInt8]] {
        var names: [[UInt8]] = []
        var offset = 0
        while true {
            var count = 0
            try list(number, from: offset) { entry, _ in
                guard count < atOnce else { return false }
                names.append(entry.name)
                (offset, count) = (entry.next, count + 1)
                return true
            }
            guard count > 0 else { return names }
        }
    }

    /// The names but "." and "..".
    func entries(_ path: String) throws -> [String] {
        try names(in: find(path).number).map { String(decoding: $0, as: UTF8.self) }
            .filter { $0 != "." && $0 != ".." }
    }

    func bytes(_ number: FileNumber, _ offset: Int, _ count: Int) throws -> [UInt8] {
        var answers: [[UInt8]] = []
        try read(number, offset: offset, count) { answers.append(Array($0)) }
        try #require(answers.count == 1)
        return answers[0]
    }

    /// A whole file, in requests of `step` bytes.
    func bytes(_ number: FileNumber, step: Int = 100_000) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let more = try self.bytes(number, bytes.count, step)
            guard !more.isEmpty else { return bytes }
            bytes += more
        }
    }
}
