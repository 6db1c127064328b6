import TestSupport
import VarveArchive
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

/// A directory of its own with a repository beside it, removed at the end.
final class Sandbox: Sendable {
    private let scratch: ScratchDirectory
    let storage: any Storage
    let directories: LocalDirectories
    let secret: SlotSecret
    var path: String { scratch.path }
    var source: String { path + "/source" }
    var target: String { path + "/target" }

    init(storage: (any Storage)? = nil) throws {
        scratch = try ScratchDirectory()
        let path = scratch.path
        try File.makeDirectory(path + "/source")
        self.storage = try storage ?? DirectoryStorage(path: path + "/repository", create: true)
        directories = LocalDirectories(cache: path + "/cache", state: path + "/state")
        secret = .keyFile(try SecretBytes.random(byteCount: 32))
    }

    /// One without a directory for the repository, which is there already.
    static func inMemory() throws -> (box: Sandbox, repository: Repository) {
        let box = try Sandbox(storage: MemoryStorage())
        return (box, try box.create())
    }

    func create(_ options: CreationOptions = CreationOptions()) throws -> Repository {
        try Repository.create(
            in: storage, options: options, directories: directories, secret: { _ in secret })
    }

    func open() throws -> Repository {
        try Repository.open(storage, secret: secret, directories: directories)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let path = source + "/" + name
        try File.makeDirectories(File.parent(of: path))
        let file = try File.createOrTruncate(path, mode: 0o644)
        try file.write(bytes)
    }

    /// What stands below the source, by its name there.
    func name(_ path: [UInt8]) -> String {
        String(decoding: path.dropFirst(source.utf8.count + 1), as: UTF8.self)
    }

    func options(_ time: Int64 = 1) -> SnapshotOptions {
        SnapshotOptions(time: time, host: "host", user: "user", program: "test")
    }

    @discardableResult
    func snapshot(
        _ repository: Repository, time: Int64 = 1,
        _ change: (inout SnapshotOptions) -> Void = { _ in }
    ) throws -> SnapshotReport {
        var options = options(time)
        change(&options)
        return try takeSnapshot(of: .paths([source]), into: repository, options)
    }

    /// What the newest snapshot has as the source's directory; above that other tests make changes.
    func newestContent(_ repository: Repository) throws -> Content? {
        guard let entry = repository.state.snapshots.last else { return nil }
        var reader = try ChunkReader(repository)
        var content: Content? = try repository.manifest(entry).root.content
        for name in source.split(separator: "/") {
            guard let above = content else { return nil }
            content = try reader.nodes(of: above).first { $0.name == Array(name.utf8) }?.content
        }
        return content
    }

    func restore(
        _ repository: Repository, into target: String? = nil
    ) throws -> RestoreReport {
        try repository.refresh()
        let entry = try SnapshotReference(choice: .latest(back: 0)).resolve(
            repository.state.snapshots)
        let path = source.split(separator: "/").map { Array($0.utf8) }
        return try VarveArchive.restore(
            entry, of: repository, RestoreOptions(target: target ?? self.target, path: path),
            progress: Progress(), observer: { _ in })
    }
}
