import TestSupport
import VarveCodec
import VarveCrypto
import VarveFormat

extension Fuzzer {
    static let payloads = [
        Fuzzer(
            "frame", errors: [FormatError.self, SealError.self],
            random: { $0.plain() }, encode: { try frame($0) },
            decode: { try plain(ofFrame: $0) }),
        Fuzzer(
            "zstd payload", errors: [FormatError.self, SealError.self],
            random: { $0.plain() }, encode: { try zstd($0, []) },
            decode: { try plain(ofZstd: $0, []) }),
        Fuzzer(
            "delta payload", errors: [FormatError.self, SealError.self],
            random: { $0.plain() }, encode: { try zstd($0, base) },
            decode: { try plain(ofZstd: $0, base) }),
        Fuzzer(
            "gzip payload", errors: [Gunzip.Failure.self],
            random: { $0.plain() }, encode: { try gzip($0) }, decode: { try plain(ofGzip: $0) }),
        sealedUnit,
    ]

    private static let base = lines(60, seed: 1)

    /// A frame of one chunk.
    private static func frame(_ plain: [UInt8]) throws -> [UInt8] {
        let payload = try Array(zstd(plain, []).dropFirst(4))
        let directory = FrameDirectory(codec: .zstd, chunks: [.init(rawBytes: plain.count)])
        return written { directory.encode(into: &$0) } + payload
    }

    private static func plain(ofFrame body: [UInt8]) throws -> [UInt8]? {
        try body.withUnsafeBytes { body in
            let view = try FrameView(body: body)
            var decompressor = try Decompressor()
            let room = ByteBuffer(capacity: view.directory.rawBytes)
            try view.decode(into: room.bytes, &decompressor)
            // A frame of several chunks is made again as one of one chunk.
            guard view.directory.rawBytes <= FormatLimit.chunkBytes else { return nil }
            return Array(room.bytes)
        }
    }

    /// What the frame's directory states, and then the payload.
    private static func zstd(_ plain: [UInt8], _ base: [UInt8]) throws -> [UInt8] {
        var compressor = try Compressor()
        let room = ByteBuffer(capacity: Compressor.boundBytes(plain.count))
        let count = try plain.withUnsafeBytes { plain in
            try base.withUnsafeBytes { base in
                base.isEmpty
                    ? try compressor.compress(plain, into: room.bytes, level: 3)
                    : try compressor.compress(plain, prefix: base, into: room.bytes)
            }
        }
        guard let count else { throw Finding("there is no room to compress") }
        return written { writer in
            writer.write(UInt32(plain.count))
            writer.write(raw: room.bytes[..<count])
        }
    }

    private static func plain(ofZstd bytes: [UInt8], _ base: [UInt8]) throws -> [UInt8] {
        try bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            let count = Int(try reader.integer(UInt32.self))
            guard (1...FormatLimit.chunkBytes).contains(count) else { throw FormatError.truncated }
            let payload = try reader.take(reader.remaining)
            var decompressor = try Decompressor()
            let room = ByteBuffer(capacity: count)
            try base.withUnsafeBytes {
                try decompressor.fill(room.bytes, from: payload, base: $0)
            }
            return Array(room.bytes)
        }
    }

    /// One member: gzip's header, deflate data, checksum and length.
    private static func gzip(_ plain: [UInt8]) throws -> [UInt8] {
        var deflate = try Deflate()
        try deflate.begin(level: Deflate.standardLevel)
        let room = ByteBuffer(capacity: 4096)
        var bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
        var checksum = CRC32()
        try plain.withUnsafeBytes { plain in
            checksum.update(plain)
            try deflate.compress(plain, isEnd: true, through: room.bytes) {
                bytes.append(contentsOf: $0)
            }
        }
        return bytes
            + written { writer in
                writer.write(checksum.value)
                writer.write(UInt32(truncatingIfNeeded: plain.count))
            }
    }

    private static func plain(ofGzip bytes: [UInt8]) throws -> [UInt8] {
        var gunzip = try Gunzip()
        let room = ByteBuffer(capacity: 4096)
        var plain: [UInt8] = []
        // In pieces, as it comes from a pipe.
        for start in stride(from: 0, to: bytes.count, by: 1000) {
            try bytes[start..<min(start + 1000, bytes.count)].withUnsafeBytes { piece in
                try gunzip.feed(piece, through: room.bytes) { plain.append(contentsOf: $0) }
            }
        }
        try gunzip.finish()
        return plain
    }

    private static var sealedUnit: Fuzzer {
        var fuzzer = Fuzzer(
            "sealed unit", errors: [SealError.self],
            random: { $0.bytes($0.below(200)) },
            encode: { body in
                var sealer = try UnitSealer(try keys())
                return try sealer.seal(.record, body: body, place: place)
            },
            decode: { unit in
                var sealer = try UnitSealer(try keys())
                return try sealer.open(.record, unit, place: place)
            })
        fuzzer.isAuthenticated = true
        return fuzzer
    }

    private static let place = LogPlace(repository: .zero, number: 7)

    private static func keys() throws -> SealingKeys {
        var numbers = SeededNumbers(1)
        return try SealingKeys(numbers.keyring())
    }
}

extension SeededNumbers {
    /// Bytes that compress, or do not, never none.
    fileprivate mutating func plain() -> [UInt8] {
        switch below(4) {
        case 0: bytes(number(1...300))
        case 1: [UInt8](repeating: UInt8(below(256)), count: number(1...100_000))
        default: lines(number(1...60), seed: below(3))
        }
    }
}
