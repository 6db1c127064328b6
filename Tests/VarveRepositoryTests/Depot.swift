import TestSupport
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

/// A storage with a place for this machine's memory beside it, removed at the end.
final class Depot: Sendable {
    private let scratch: ScratchDirectory
    let storage: any Storage
    let secret: SlotSecret
    var path: String { scratch.path }

    init(_ storage: any Storage = MemoryStorage()) throws {
        scratch = try ScratchDirectory()
        self.storage = storage
        secret = .keyFile(try SecretBytes.random(byteCount: 32))
    }

    /// This machine's memory under a name: each stands for another machine.
    func directories(_ machine: String = "one") -> LocalDirectories {
        LocalDirectories(
            cache: path + "/" + machine + "-cache", state: path + "/" + machine + "-state")
    }

    func create(_ options: CreationOptions = CreationOptions()) throws -> Repository {
        try Repository.create(
            in: storage, options: options, directories: directories(), secret: { _ in secret })
    }

    func open(
        _ other: (any Storage)? = nil, machine: String = "one", with key: SlotSecret? = nil
    ) throws -> Repository {
        try Repository.open(
            other ?? storage, secret: key ?? secret, directories: directories(machine))
    }
}

extension Repository {
    /// Stores `chunks` as the content of the only file of a new snapshot.
    @discardableResult
    func store(
        _ chunks: [[UInt8]], time: Int64 = 1, hint: ChunkID? = nil, featured: Bool = true,
        holding intervals: HoldIntervals? = nil, beforeCommit: () throws -> Void = {},
        beforeFinish: () throws -> Void = {}
    ) throws -> SnapshotID {
        guard let id = SnapshotID(randomBytes(SnapshotID.byteCount)) else {
            throw RepositoryError.refused(reason: "no random bytes")
        }
        try WriteSession.run(self, holding: intervals) { session in
            var writer = try ChunkWriter(session)
            let entries = try chunks.map { chunk in
                Content.Entry(
                    id: try writer.store(chunk, featured ? gear : nil, hint), bytes: chunk.count)
            }
            var node = Node(kind: .file, name: Array("file".utf8))
            node.content = Content(
                size: entries.reduce(0) { $0 + $1.bytes }, depth: 0, entries: entries)
            let piece = Directory.pieces(of: [node])[0]
            let root = Content.Entry(id: try writer.storeMetadata(piece), bytes: piece.count)
            try writer.flush()
            try beforeFinish()
            let segments = try session.finish()
            try beforeCommit()
            let manifest = SnapshotManifest(
                id: id, time: time, host: "host", user: "user",
                sources: [.init(kind: .stdin, name: Array("file".utf8))],
                root: .init(
                    content: Content(size: piece.count, depth: 0, entries: [root]), entries: 1),
                program: "test")
            let summary = SnapshotSummary(
                time: time, host: "host", user: "user", sources: ["file"])
            try session.commit(manifest, segments: segments, summary)
        }
        return id
    }

    /// The chunks of a snapshot that `store` made.
    func chunks(of id: SnapshotID) throws -> [[UInt8]] {
        guard let entry = state.snapshots.first(where: { $0.id == id }) else {
            throw RepositoryError.notFound("snapshot \(id)")
        }
        let manifest = try manifest(entry)
        var reader = try ChunkReader(self)
        let nodes = try reader.nodes(of: manifest.root.content)
        return try (nodes.first?.content?.entries ?? []).map { try reader.load($0.id) }
    }

    /// All tables of contents that the log's segments repeat.
    func tables() throws -> [Segment.Pack] {
        try state.segments.flatMap { id in
            let bytes = try storage.get(ObjectName.segment(id), limit: 40 << 20)
            var sealer = try UnitSealer(keys)
            return try Segment(sealer.open(.segment, bytes)).packs
        }
    }
}

extension ChunkWriter {
    /// Stores a chunk, with its features when it is given what finds them.
    fileprivate mutating func store(
        _ chunk: [UInt8], _ gear: Gear?, _ hint: ChunkID?
    ) throws -> ChunkID {
        try chunk.withUnsafeBytes { bytes in
            guard let id = ChunkID(SHA256.digest(bytes)) else { throw FormatError.truncated }
            guard try !isStored(id) else { return id }
            var samples = SampleBuffer()
            gear?.scan(bytes, from: 0, to: bytes.count, into: &samples)
            let features = gear?.superFeatures(samples.samples, chunk: 0..<bytes.count)
            try add(bytes, id: id, features: features, hint: hint)
            return id
        }
    }
}

extension [UInt8] {
    /// With every `step`th byte another one.
    func edited(_ step: Int, from first: Int = 100) -> [UInt8] {
        var copy = self
        for place in stride(from: first, to: count, by: step) { copy[place] ^= 0x55 }
        return copy
    }
}
