import VarveCodec
package import VarveFormat
import VarveStorage

/// One thread's way to read packs unit by unit, without their tables of contents.
package struct PackScan: ~Copyable {
    private let repository: Repository
    private var loader: FrameLoader
    /// Reads the bases of deltas.
    private var reader: ChunkReader
    private var samples = SampleBuffer()

    package init(_ repository: Repository) throws {
        let loader = try FrameLoader(repository)
        let reader = try ChunkReader(repository)
        self.repository = repository
        self.loader = loader
        self.reader = reader
    }

    /// The frames of a pack that can be read, each chunk by what it hashes to; with gaps where one
    /// cannot. Deltas are left out unless they are asked for: their bases must be in the index.
    package mutating func table(
        of pack: PackID, _ contents: PackContents, bytes: Int, withDeltas: Bool
    ) throws -> TableOfContents {
        let name = ObjectName.pack(pack, contents)
        var table = TableOfContents(contents: contents)
        var offset = 0
        while let unit = try header(name, at: offset, bytes), unit.kind == contents.unitKind {
            let count = unit.bodyBytes + UnitHeader.overhead
            do {
                let loaded = try loader.load(pack, contents, offset: offset, count)
                if !loaded.isDelta || withDeltas,
                    let chunks = try chunks(of: loaded), table.frames.count < FormatLimit.packFrames
                {
                    table.frames.append(
                        TableOfContents.Frame(
                            offset: offset, bytes: count, tag: [], codec: loaded.directory.codec,
                            chunks: chunks))
                }
            } catch {
                _ = try CheckFinding(error)
            }
            offset += count
        }
        return table
    }

    /// The header at `offset`; nil at the end, or when there is none that can be read.
    private func header(_ name: String, at offset: Int, _ bytes: Int) throws -> UnitHeader? {
        guard bytes - offset >= UnitHeader.overhead, offset <= FormatLimit.packBytes else {
            return nil
        }
        do {
            let header = try repository.storage.read(
                name, at: offset, count: UnitHeader.byteCount)
            return try header.withUnsafeBytes { try UnitHeader($0) }
        } catch is FormatError {
            return nil
        } catch {
            _ = try CheckFinding(error)
            return nil
        }
    }

    /// Nil when the base of one cannot be read.
    private mutating func chunks(of frame: LoadedFrame) throws -> [TableOfContents.Chunk]? {
        var chunks: [TableOfContents.Chunk] = []
        for (position, entry) in frame.directory.chunks.enumerated() {
            guard let plain = try reader.plain(at: position, of: frame) else { return nil }
            samples.removeAll()
            repository.gear.scan(plain, from: 0, to: plain.count, into: &samples)
            let features = repository.gear.superFeatures(samples.samples, chunk: 0..<plain.count)
            chunks.append(
                TableOfContents.Chunk(
                    id: ChunkID(digestOf: plain), rawBytes: entry.rawBytes, features: features,
                    storedBytes: entry.storedBytes, base: entry.base))
        }
        withExtendedLifetime(frame) {}
        return chunks
    }
}
