import Synchronization
import TestSupport
import Testing
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveArchive
@testable import VarveMaintenance

/// A repository in memory, a tree that changes, and a clock that the test turns.
final class Scene {
    let storage = MemoryStorage()
    let path: String
    let secret: SlotSecret
    private let scratch: ScratchDirectory
    /// In seconds since 1970.
    private(set) var seconds: Int64 = 1_700_000_000
    /// What each snapshot held.
    private(set) var contents: [SnapshotID: [String: [UInt8]]] = [:]
    private var files: [String: [UInt8]] = [:]

    static let day: Int64 = 86_400

    convenience init(packBytes: Int = 1 << 20, chunkBytes: Int = 64 << 10) throws {
        let scratch = try ScratchDirectory()
        try File.makeDirectory(scratch.path + "/tree")
        try self.init(sharing: scratch, packBytes: packBytes, chunkBytes: chunkBytes)
    }

    private init(
        sharing scratch: ScratchDirectory, packBytes: Int = 1 << 20, chunkBytes: Int = 64 << 10
    ) throws {
        self.scratch = scratch
        path = scratch.path
        secret = .keyFile(try SecretBytes.random(byteCount: 32))
        var options = CreationOptions()
        options.packBytes = packBytes
        options.chunkBytesAverage = chunkBytes
        storage.setClock(seconds * 1_000_000_000)
        _ = try Repository.create(
            in: storage, options: options, directories: directories("one")
        ) { [secret] _ in secret }
    }

    /// A repository of its own for the same files, with a key of its own.
    convenience init(like other: Scene) throws {
        try self.init(sharing: other.scratch)
        (files, seconds) = (other.files, other.seconds)
    }

    private func directories(_ machine: String) -> LocalDirectories {
        LocalDirectories(cache: "\(path)/\(machine)-cache", state: "\(path)/\(machine)-state")
    }

    /// Opens as a machine that has never seen it and keeps nothing of it, which is quick.
    func openOnce(_ other: any Storage, with key: SlotSecret? = nil) throws -> Repository {
        // Nothing can be made below this, so that the catalog is a temporary one.
        let nowhere = LocalDirectories(cache: "/dev/null", state: nil)
        return try Repository.open(other, secret: key ?? secret, directories: nowhere)
    }

    func open(
        _ other: (any Storage)? = nil, machine: String = "one", with key: SlotSecret? = nil
    ) throws -> Repository {
        try Repository.open(
            other ?? storage, secret: key ?? secret, directories: directories(machine))
    }

    func repairLog(
        of other: (any Storage)? = nil, machine: String = "one", isDryRun: Bool = false
    ) throws -> LogRepairReport {
        try Repository.repairLog(
            in: other ?? storage, secret: secret, directories: directories(machine),
            isDryRun: isDryRun)
    }

    func pass(seconds more: Int64) {
        seconds += more
        storage.setClock(seconds * 1_000_000_000)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        files[name] = bytes
        try File.makeDirectories(File.parent(of: path + "/tree/" + name))
        try File.createOrTruncate(path + "/tree/" + name).write(bytes)
    }

    func remove(_ name: String) throws {
        files[name] = nil
        try File.remove(path + "/tree/" + name)
    }

    /// Changes a few files: some anew, some like what was there.
    func change(_ random: inout SeededNumbers, files count: Int = 6) throws {
        for _ in 0..<count {
            let name = "d\(random.below(4))/f\(random.below(8))"
            switch random.below(5) {
            case 0 where files[name] != nil: try remove(name)
            case 1, 2:
                var bytes = files[name] ?? random.bytes(random.number(1_000...80_000))
                for _ in 0..<3 { bytes[random.below(bytes.count)] ^= 1 }
                try write(name, bytes)
            default: try write(name, random.bytes(random.number(0...120_000)))
            }
        }
    }

    @discardableResult
    func snapshot(
        _ repository: Repository, observer: @escaping ArchiveObserver = { _ in }
    ) throws -> SnapshotID {
        let options = SnapshotOptions(
            time: seconds * 1_000_000_000, host: "host", user: "user", program: "test")
        let report = try takeSnapshot(
            of: .paths([path + "/tree"]), into: repository, options, observer: observer)
        let id = try #require(report.snapshot)
        contents[id] = files
        return id
    }

    /// Every live snapshot holds what it held when it was taken, also for a machine without a cache.
    func expectWhole(_ repository: Repository? = nil) throws {
        let repository = try repository ?? open(machine: "fresh-\(randomName())")
        for entry in repository.state.snapshots {
            let manifest = try repository.manifest(entry)
            var reader = try ChunkReader(repository)
            var found: [String: [UInt8]] = [:]
            let root = try #require(
                try reader.find(
                    (path + "/tree").split(separator: "/").map { Array($0.utf8) },
                    below: manifest.root.content))
            for directory in try reader.nodes(of: try #require(root.content)) {
                for node in try reader.nodes(of: try #require(directory.content)) {
                    let name = directory.displayName + "/" + node.displayName
                    found[name] = try reader.bytes(
                        of: try #require(node.content), limit: 1 << 20)
                }
            }
            #expect(found == contents[entry.id])
            if let list = manifest.statList { _ = try reader.bytes(of: list, limit: 1 << 24) }
        }
    }

    /// Stored bytes of all packs.
    var packBytes: Int {
        storage.contents.filter { $0.key.hasPrefix("packs/") }.reduce(0) { $0 + $1.value.count }
    }
}
