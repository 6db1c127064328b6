import TestSupport
import VarveArchive
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

/// A machine with a repository: all that an operation writes lies in one directory, whose content can
/// be put back at any time.
final class Site {
    private let scratch: ScratchDirectory
    /// The secret that the repository was made with, and the one that comes or goes.
    let secret: SlotSecret
    let other: SlotSecret
    /// What the source holds now.
    private(set) var files: [String: [UInt8]] = [:]
    /// What each snapshot holds, and all of them in order.
    private(set) var contents: [SnapshotID: [String: [UInt8]]] = [:]
    private(set) var snapshots: [SnapshotID] = []
    /// What an operation finds in the source.
    private(set) var pending: [String: [UInt8]] = [:]
    /// Not the usual value, which whoever finishes an interrupted `init` takes.
    static let packBytes = 1 << 20
    /// Where the repository lies, unless that is a directory.
    private var bucket: (any Storage)?
    /// Whether it is reached as if it was far away, so that this machine keeps some of it.
    private let isFar: Bool
    private var time: Int64 = 1_700_000_000_000_000_000

    init(isFar: Bool = false) throws {
        self.isFar = isFar
        scratch = try ScratchDirectory(inMemory: true)
        secret = .keyFile(try SecretBytes.random(byteCount: 32))
        other = .keyFile(try SecretBytes.random(byteCount: 32))
        try File.makeDirectory(scratch.path + "/source")
        try File.makeDirectory(machine)
    }

    /// What an operation changes: the repository, what the machine remembers, where it restores to.
    var machine: String { scratch.path + "/machine" }
    var repositoryPath: String { machine + "/repository" }
    /// Nothing befalls what lies here.
    var siblingPath: String { scratch.path + "/sibling" }
    var target: String { machine + "/target" }
    var source: String { scratch.path + "/source" }

    func storage(create: Bool = false) throws -> any Storage {
        if let bucket { return bucket }
        let near = try DirectoryStorage(path: repositoryPath, create: create)
        return isFar ? FarStorage(near, staging: scratch.path + "/staging") : near
    }

    /// Moves what lies in the directory of the repository into an empty bucket, where it lies from now
    /// on.
    func move(to bucket: any Storage) throws {
        try DirectoryStorage(path: repositoryPath, create: true).copyObjects(to: bucket)
        removeTree(repositoryPath)
        self.bucket = bucket
    }

    var directories: LocalDirectories {
        LocalDirectories(cache: machine + "/cache", state: machine + "/state")
    }

    func create(in storage: any Storage) throws -> Repository {
        var options = CreationOptions()
        options.packBytes = Self.packBytes
        return try Repository.create(
            in: storage, options: options, directories: directories, secret: { _ in secret })
    }

    /// As this machine opens it.
    func open(_ storage: any Storage, with secret: SlotSecret? = nil) throws -> Repository {
        try Repository.open(storage, secret: secret ?? self.secret, directories: directories)
    }

    /// As this machine opens it to mend it: by what the storage holds, whatever was kept of that.
    func openToRepair(_ storage: any Storage) throws -> Repository {
        try Repository.open(storage, directories: directories, fromStorageAlone: true) {
            [secret] _ in secret
        }
    }

    func repairLog(in storage: any Storage) throws {
        _ = try Repository.repairLog(in: storage, secret: secret, directories: directories)
    }

    /// The paths of the files below a directory of the repository.
    func stored(_ prefix: String) throws -> [String] {
        try StoredTree(at: repositoryPath).files.keys.filter { $0.hasPrefix(prefix) }
            .map { repositoryPath + "/" + $0 }
    }

    /// As a machine opens it that has never seen it.
    func openElsewhere(with secret: SlotSecret? = nil) throws -> Repository {
        let elsewhere = scratch.path + "/elsewhere"
        removeTree(elsewhere)
        // Who looks for damage must see what the storage holds.
        return try Repository.open(
            storage(), directories: LocalDirectories(cache: elsewhere, state: nil),
            fromStorageAlone: true
        ) { _ in secret ?? self.secret }
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        files[name] = bytes
        try File.makeDirectories(File.parent(of: source + "/" + name))
        try File.createOrTruncate(source + "/" + name, mode: 0o644).write(bytes)
    }

    /// Takes a snapshot of the source; nothing of it is noted unless it is committed.
    @discardableResult
    func snapshot(_ repository: Repository) throws -> SnapshotID {
        time += 3_600_000_000_000
        let options = SnapshotOptions(time: time, host: "host", user: "user", program: "test")
        let report = try takeSnapshot(of: .paths([source]), into: repository, options)
        guard let id = report.snapshot else { throw Unlike("there is no snapshot") }
        contents[id] = files
        snapshots.append(id)
        return id
    }

    func noteForgotten(_ ids: [SnapshotID]) { snapshots.removeAll { ids.contains($0) } }

    /// One more file, that only a snapshot after the operation has.
    func writeLater() throws { try write("later", noise(2_000, seed: 99)) }

    /// What one run of an operation adds to this is gone with its point of the sweep.
    struct Memory {
        fileprivate var contents: [SnapshotID: [String: [UInt8]]]
        fileprivate var snapshots: [SnapshotID]
        fileprivate var tree: StoredTree
    }

    /// What is there before an operation.
    func memory() throws -> Memory {
        pending = files
        return Memory(contents: contents, snapshots: snapshots, tree: try StoredTree(at: machine))
    }

    /// Puts the machine back, or makes it what `tree` says.
    func reset(to memory: Memory, tree: StoredTree? = nil) throws {
        if files != pending {
            files = pending
            try File.remove(source + "/later")
        }
        (contents, snapshots) = (memory.contents, memory.snapshots)
        try (tree ?? memory.tree).write(to: machine)
    }
}

extension Site {
    /// Every file of the source in a snapshot, read into memory, by its path in the source.
    func everyFile(
        of entry: RepositoryState.SnapshotEntry, _ repository: Repository
    ) throws -> [String: [UInt8]] {
        var tree = try SnapshotTree(repository, entry)
        var reader = try ChunkReader(repository)
        var files: [String: [UInt8]] = [:]
        let prefix = source.utf8.count + 1
        try tree.walk(tree.content(of: nil), path: []) { path, node in
            if node.kind == .file, let content = node.content {
                let name = String(decoding: path.dropFirst(prefix), as: UTF8.self)
                files[name] = try reader.bytes(of: content, limit: 1 << 20)
            }
            return true
        }
        return files
    }
}

/// Something is not as it must be.
struct Unlike: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
