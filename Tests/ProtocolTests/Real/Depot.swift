import TestSupport
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveStorage
import VarveSystem

@testable import VarveMaintenance
@testable import VarveRepository

/// A repository in memory, each schedule with a copy of its own, and the actors.
final class Depot: Sendable {
    let storage = MemoryStorage()
    private let secret: SlotSecret
    private let scratch: ScratchDirectory
    let ledger = Ledger()

    static let start: Int64 = 1_700_000_000
    /// Some chunks alike and some not, of which every snapshot has a few.
    static let pool: [[UInt8]] = {
        var random = SeededNumbers(7)
        return (0..<3).flatMap { _ in
            let chunk = random.bytes(6_000)
            var alike = chunk
            alike[3_000] ^= 1
            return [chunk, alike]
        }
    }()

    init() throws {
        scratch = try ScratchDirectory()
        secret = .keyFile(try SecretBytes.random(byteCount: 32))
        storage.setClock(Self.start * 1_000_000_000)
        _ = try Repository.create(
            in: storage, options: CreationOptions(), directories: directories("one")
        ) { [secret] _ in secret }
    }

    private func directories(_ machine: String) -> LocalDirectories {
        LocalDirectories(
            cache: "\(scratch.path)/\(machine)-cache", state: "\(scratch.path)/\(machine)-state")
    }

    func open(_ storage: any Storage, machine: String) throws -> Repository {
        try Repository.open(storage, secret: secret, directories: directories(machine))
    }
}

extension Repository {
    /// Commits a snapshot of one file; all of it lies in packs of metadata, so that a session makes
    /// its calls one after the other.
    func store(
        _ chunks: [[UInt8]], _ ledger: Ledger, watching watch: SessionWatch? = nil
    ) throws {
        guard let id = SnapshotID(randomBytes(SnapshotID.byteCount)) else {
            throw RepositoryError.refused(reason: "no random bytes")
        }
        try WriteSession.run(self) { session in
            watch?.begin(session.start, self)
            var writer = try ChunkWriter(session)
            let entries = try chunks.map { chunk in
                Content.Entry(id: try writer.storeMetadata(chunk), bytes: chunk.count)
            }
            var node = Node(kind: .file, name: Array("file".utf8))
            node.content = Content(
                size: entries.reduce(0) { $0 + $1.bytes }, depth: 0, entries: entries)
            let piece = Directory.pieces(of: [node])[0]
            let root = Content.Entry(id: try writer.storeMetadata(piece), bytes: piece.count)
            try writer.flush()
            let segments = try session.finish()
            let manifest = SnapshotManifest(
                id: id, time: 1, host: "host", user: "user",
                sources: [.init(kind: .stdin, name: Array("file".utf8))],
                root: .init(
                    content: Content(size: piece.count, depth: 0, entries: [root]), entries: 1),
                program: "test")
            let summary = SnapshotSummary(
                time: 1, host: "host", user: "user", sources: ["file"])
            if let watch {
                try self.log.refresh()
                watch.check(self)
            }
            ledger.begin(id, chunks)
            try session.commit(manifest, segments: segments, summary)
            ledger.commit(id)
        }
    }

    func chunks(of entry: RepositoryState.SnapshotEntry) throws -> [[UInt8]] {
        let manifest = try manifest(entry)
        var reader = try ChunkReader(self)
        let nodes = try reader.nodes(of: manifest.root.content)
        return try (nodes.first?.content?.entries ?? []).map { try reader.load($0.id) }
    }
}
