import Testing
import VarveCodec
import VarveCrypto
import VarveFormat

@Suite("A frame")
struct FrameTests {
    private let keys: SealingKeys

    init() throws {
        let keyring = Keyring(
            id: try #require(KeyringID(try SecureRandom.bytes(16))),
            chunkerSecret: try SecureRandom.bytes(32),
            epochs: [.init(created: 0, rootKey: try SecureRandom.bytes(32))])
        keys = try SealingKeys(keyring)
    }

    private func id(_ bytes: [UInt8]) throws -> ChunkID {
        try #require(ChunkID(SHA256.digest(bytes)))
    }

    private func text(_ count: Int) -> [UInt8] {
        Array((0..<count).flatMap { Array("line \($0 % 977) of text\n".utf8) }.prefix(count))
    }

    /// The opened body of a frame.
    private func body(_ unit: [UInt8], _ kind: UnitKind = .dataFrame) throws -> [UInt8] {
        var sealer = try UnitSealer(keys)
        return try sealer.open(kind, unit)
    }

    /// All chunks of the full frame with this body.
    private func chunks(_ body: [UInt8]) throws -> [[UInt8]] {
        try body.withUnsafeBytes { body in
            let view = try FrameView(body: body)
            var decompressor = try Decompressor()
            var plain = [UInt8](repeating: 0, count: view.directory.rawBytes)
            try plain.withUnsafeMutableBytes { try view.decode(into: $0, &decompressor) }
            return zip(view.offsets, view.offsets.dropFirst()).map { Array(plain[$0..<$1]) }
        }
    }

    private func frame(
        _ chunks: [[UInt8]], level: CompressionLevel = .standard
    ) throws -> (unit: [UInt8], codec: FrameCodec) {
        var compressor = try Compressor()
        var sealer = try UnitSealer(keys)
        var builder = FrameBuilder(
            .data, target: 1 << 20, chunkBytesMax: 256 << 10, level: level)
        for chunk in chunks {
            let id = try id(chunk)
            chunk.withUnsafeBytes { builder.append($0, id: id, features: nil) }
        }
        let sealed = try builder.finish(&compressor, &sealer)
        let isEmpty = builder.isEmpty
        #expect(isEmpty)
        return (Array(sealed.unit), sealed.codec)
    }

    @Test("of text is compressed, one of noise is stored, and both come back")
    func codecs() throws {
        let plain = [text(10), text(40_000), text(1), text(200_000)]
        let compressed = try frame(plain)
        #expect(compressed.codec == .zstd)
        #expect(compressed.unit.count < 60_000)
        #expect(try chunks(body(compressed.unit)) == plain)
        let noise = [try SecureRandom.bytes(100_000), try SecureRandom.bytes(7)]
        let stored = try frame(noise)
        #expect(stored.codec == .stored)
        #expect(try chunks(body(stored.unit)) == noise)
        let off = try frame(plain, level: .off)
        #expect(off.codec == .stored)
        #expect(try chunks(body(off.unit)) == plain)
    }

    @Test("of tiny or incompressible chunks is no longer than they are with its directory")
    func overhead() throws {
        for plain in [[[UInt8(7)]], [try SecureRandom.bytes(20_000)], [text(90), text(3)]] {
            let raw = plain.reduce(0) { $0 + $1.count }
            let unit = try frame(plain).unit
            #expect(unit.count <= raw + UnitHeader.overhead + 8 + 4 * plain.count)
        }
    }

    @Test("of data does not open as one of metadata")
    func kinds() throws {
        let unit = try frame([text(100)]).unit
        #expect(throws: SealError.self) { try body(unit, .metadataFrame) }
    }

    @Test("whose directory lies about its chunks is refused, or gives other bytes than were hashed")
    func lyingDirectory() throws {
        let plain = [text(3_000), text(5_000)]
        for level in [CompressionLevel.standard, .off] {
            let whole = try body(try frame(plain, level: level).unit)
            for byte in 0..<16 {
                for bit in 0..<8 {
                    var lying = whole
                    lying[byte] ^= 1 << UInt8(bit)
                    let found = try? chunks(lying)
                    #expect(found != plain, "byte \(byte) bit \(bit)")
                }
            }
        }
    }

    @Test("of deltas comes back beside the bases, and not beside others")
    func deltas() throws {
        let base = text(100_000)
        var changed = base
        for place in stride(from: 50, to: changed.count, by: 9_000) { changed[place] ^= 1 }
        var compressor = try Compressor()
        var sealer = try UnitSealer(keys)
        var builder = DeltaFrameBuilder(.data, chunkBytesMax: 256 << 10)
        let (baseID, changedID) = (try id(base), try id(changed))
        let noise = try SecureRandom.bytes(100_000)
        let noiseID = try id(noise)
        func append(_ chunk: [UInt8], _ id: ChunkID) throws -> Bool {
            try chunk.withUnsafeBytes { chunk in
                try base.withUnsafeBytes { base in
                    try builder.append(
                        chunk, id: id, features: nil, base: base, baseID: baseID, &compressor)
                }
            }
        }
        #expect(try append(changed, changedID))
        #expect(try !append(noise, noiseID))
        let sealed = try builder.finish(&sealer)
        #expect(sealed.codec == .delta && sealed.chunks.map(\.id) == [changedID])
        let body = try body(Array(sealed.unit))
        #expect(body.count < 5_000)
        #expect(try delta(body, base) == changed)
        #expect((try? delta(body, noise)) != changed)
        #expect((try? delta(body, [])) != changed)
    }

    /// The only delta of a frame, applied to `base`.
    private func delta(_ body: [UInt8], _ base: [UInt8]) throws -> [UInt8] {
        try body.withUnsafeBytes { body in
            let view = try FrameView(body: body)
            var decompressor = try Decompressor()
            var plain = [UInt8](repeating: 0, count: view.directory.chunks[0].rawBytes)
            try plain.withUnsafeMutableBytes { plain in
                try base.withUnsafeBytes { base in
                    let delta = view.payload[view.deltaOffsets[0]..<view.deltaOffsets[1]]
                    try decompressor.fill(
                        plain, from: UnsafeRawBufferPointer(rebasing: delta), base: base)
                }
            }
            return plain
        }
    }
}
