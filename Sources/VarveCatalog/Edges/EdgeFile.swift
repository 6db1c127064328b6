import VarveFormat

/// What `EdgeCounts` keeps beside its table.
///
/// Magic (8 bytes), repository id, number (u64), count (u64) and digest of the table; u32 count of
/// snapshots, for each its id, u32 count of references, for each id, u64 bytes, u8 stream, u8 levels;
/// u32 count of branches, for each id, u8 stream, u8 levels, u32 edges; u32 count of changes to the
/// table, for each id, i64 edges that come or go; the SHA-256 of all of that.
struct EdgeFile {
    static let byteCountMax = 2 << 30
    private static let magic = Array("VRVEDG02".utf8)

    var repository: RepositoryID
    var snapshots: [SnapshotID: [Reference]]
    var branches: [EdgeCounts.Branch: UInt32]
    var changes: [ChunkID: Int64]
    var table: UInt64
    var tableCount: Int
    var tableDigest: RunDigest

    func encode() -> [UInt8] {
        var writer = ByteWriter(reserving: branches.count * 38 + changes.count * 40 + 256)
        writer.write(raw: Self.magic)
        writer.write(repository)
        writer.write(table)
        writer.write(UInt64(tableCount))
        writer.write(tableDigest)
        writer.write(UInt32(snapshots.count))
        for (snapshot, references) in snapshots {
            writer.write(snapshot)
            writer.write(UInt32(references.count))
            for reference in references {
                writer.write(reference.id)
                writer.write(UInt64(reference.bytes))
                writer.write(reference.stream.rawValue)
                writer.write(UInt8(reference.levels))
            }
        }
        writer.write(UInt32(branches.count))
        for (branch, edges) in branches {
            writer.write(branch.id)
            writer.write(branch.stream.rawValue)
            writer.write(UInt8(branch.levels))
            writer.write(edges)
        }
        writer.write(UInt32(changes.count))
        for (id, edges) in changes {
            writer.write(id)
            writer.write(UInt64(bitPattern: edges))
        }
        writer.write(writer.bytes.withUnsafeBytes { RunDigest(hashing: $0) })
        return writer.bytes
    }
}

extension EdgeFile {
    /// Nil unless `bytes` are what `encode` made for this repository.
    init?(decoding bytes: [UInt8], repository: RepositoryID) {
        let isWhole = bytes.withUnsafeBytes { bytes in
            bytes.count > 32
                && RunDigest(hashing: UnsafeRawBufferPointer(rebasing: bytes.dropLast(32)))
                    == RunDigest(at: bytes.baseAddress! + bytes.count - 32)
        }
        guard isWhole, bytes.starts(with: Self.magic) else { return nil }
        let body = Array(bytes[Self.magic.count..<bytes.count - 32])
        let decoded = try? ByteReader.decode(body) { reader throws(FormatError) in
            try Self(&reader)
        }
        guard let decoded, decoded.repository == repository else { return nil }
        self = decoded
    }

    private init(_ reader: inout ByteReader) throws(FormatError) {
        repository = try reader.identifier()
        table = try reader.integer(UInt64.self)
        tableCount = Int(clamping: try reader.integer(UInt64.self))
        tableDigest = try reader.identifier()
        (snapshots, branches, changes) = ([:], [:], [:])
        for _ in 0..<(try reader.integer(UInt32.self)) {
            let snapshot = try reader.identifier(SnapshotKind.self)
            var references: [Reference] = []
            for _ in 0..<(try reader.integer(UInt32.self)) {
                references.append(try Self.reference(&reader))
            }
            snapshots[snapshot] = references
        }
        for _ in 0..<(try reader.integer(UInt32.self)) {
            let id = try reader.identifier(ChunkKind.self)
            let (stream, levels) = try Self.kind(&reader)
            branches[.init(id: id, stream: stream, levels: levels)] =
                try reader.integer(UInt32.self)
        }
        for _ in 0..<(try reader.integer(UInt32.self)) {
            let id = try reader.identifier(ChunkKind.self)
            changes[id] = Int64(bitPattern: try reader.integer(UInt64.self))
        }
    }

    private static func reference(_ reader: inout ByteReader) throws(FormatError) -> Reference {
        let id = try reader.identifier(ChunkKind.self)
        let bytes = Int(clamping: try reader.integer(UInt64.self))
        let (stream, levels) = try kind(&reader)
        return Reference(id: id, bytes: bytes, stream: stream, levels: levels)
    }

    private static func kind(
        _ reader: inout ByteReader
    ) throws(FormatError) -> (Reference.Stream, Int) {
        guard let stream = Reference.Stream(rawValue: try reader.byte()) else {
            throw .invalid("a kind of stream is unknown")
        }
        return (stream, Int(try reader.byte()))
    }
}
