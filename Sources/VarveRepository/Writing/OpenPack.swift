import VarveCodec
import VarveCrypto
import VarveFormat
import VarveStorage

/// A pack that grows: one thread at a time appends, any thread reads what was appended before.
final class OpenPack: @unchecked Sendable {
    // Unchecked: the session hands a pack to one thread at a time.
    let slot: UInt32
    let contents: PackContents
    /// What its frames are sealed under.
    let epoch: EpochID
    let staged: any StagedObject
    private var hash = SHA256Context()
    private var table: TableOfContents
    private var tableBytes = 16
    private(set) var chunkCount = 0

    init(
        slot: UInt32, contents: PackContents, epoch: EpochID, in storage: any Storage
    ) throws(StorageError) {
        self.slot = slot
        self.epoch = epoch
        self.contents = contents
        staged = try storage.stage()
        table = TableOfContents(contents: contents)
    }

    var byteCount: Int { staged.byteCount }

    /// Whether the next frame should go to another pack, given the length at which one of data is full.
    func isFull(at packBytes: Int) -> Bool {
        byteCount >= packBytes
            || (contents == .metadata && byteCount >= WriteLimits.metadataPackBytes)
            || table.frames.count >= FormatLimit.packFrames - 1
            || tableBytes >= FormatLimit.segmentBytes / 4
            || chunkCount >= WriteLimits.packChunks
    }

    /// Appends a frame and returns where it starts.
    func append(_ frame: SealedFrame) throws(StorageError) -> Int {
        let offset = staged.byteCount
        try staged.append(frame.unit)
        hash.update(frame.unit)
        table.frames.append(
            TableOfContents.Frame(
                offset: offset, bytes: frame.unit.count, tag: frame.tag, codec: frame.codec,
                chunks: frame.chunks))
        chunkCount += frame.chunks.count
        tableBytes += 28 + frame.chunks.count * (frame.codec == .delta ? 85 : 49)
        return offset
    }

    /// Appends the table of contents and the trailer; the pack then only has to be published.
    func close(_ sealer: inout UnitSealer) throws -> Segment.Pack {
        var body = ByteWriter(reserving: tableBytes)
        table.encode(into: &body)
        let unit = try sealer.seal(.tableOfContents, body: body.bytes)
        let trailer = PackTrailer(tableOffset: staged.byteCount, tableBytes: unit.count)
        for part in [unit, trailer.encoded] {
            try staged.append(part)
            part.withUnsafeBytes { hash.update($0) }
        }
        var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
        digest.withUnsafeMutableBytes { hash.finish(into: $0.baseAddress!) }
        guard let id = PackID(digest) else { throw FormatError.truncated }
        return Segment.Pack(id: id, bytes: staged.byteCount, table: table)
    }
}
