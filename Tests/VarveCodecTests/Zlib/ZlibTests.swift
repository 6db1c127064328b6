import Testing
import VarveCodec

@Suite("zlib")
struct ZlibTests {
    /// "hello, hello, hello\n", as Python's gzip module compresses it.
    static let hello: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 203, 72, 205, 201, 201, 215, 81, 200, 64, 162, 184, 0,
        231, 66, 110, 82, 20, 0, 0, 0,
    ]
    static let plain = Array("hello, hello, hello\n".utf8)

    /// What `bytes` decompress to, fed in `pieces`; with the number of bytes behind.
    private func gunzip(
        _ bytes: [UInt8], every step: Int = 1 << 20, room: Int = 7
    ) throws -> (plain: [UInt8], garbageBytes: Int) {
        var gunzip = try Gunzip()
        var plain: [UInt8] = []
        let buffer = ByteBuffer(capacity: room)
        for start in stride(from: 0, to: bytes.count, by: step) {
            try bytes[start..<min(start + step, bytes.count)].withUnsafeBytes {
                try gunzip.feed($0, through: buffer.bytes) { plain += Array($0) }
            }
        }
        try gunzip.finish()
        return (plain, gunzip.garbageBytes)
    }

    private func gzip(_ plain: [UInt8], level: Int = 6) throws -> [UInt8] {
        var deflate = try Deflate()
        try deflate.begin(level: level)
        var bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
        let room = ByteBuffer(capacity: 100)
        var checksum = CRC32()
        try plain.withUnsafeBytes { plain in
            checksum.update(plain)
            let half = plain.count / 2
            let parts = [plain[..<half], plain[half...]]
            for (index, part) in parts.enumerated() {
                try deflate.compress(
                    UnsafeRawBufferPointer(rebasing: part), isEnd: index == 1,
                    through: room.bytes
                ) { bytes += Array($0) }
            }
        }
        for number in [checksum.value, UInt32(plain.count)] {
            for byte in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
        }
        return bytes
    }

    @Test("CRC-32 of the nine digits is the published one, in one part or several")
    func checksum() {
        let digits = Array("123456789".utf8)
        for cut in 0...9 {
            var checksum = CRC32()
            digits[..<cut].withUnsafeBytes { checksum.update($0) }
            digits[cut...].withUnsafeBytes { checksum.update($0) }
            #expect(checksum.value == 0xcbf4_3926)
        }
        #expect(CRC32().value == 0)
    }

    @Test("gzip of another program is read, wherever its bytes are cut")
    func knownAnswer() throws {
        for step in 1...Self.hello.count {
            let found = try gunzip(Self.hello, every: step)
            #expect(found.plain == Self.plain && found.garbageBytes == 0)
        }
    }

    @Test("members follow each other, zeros behind them are padding, and all else is counted")
    func members() throws {
        let three = Self.hello + Self.hello + (try gzip([])) + Self.hello
        for step in [1, 2, 3, 10, 1_000] {
            #expect(try gunzip(three, every: step).plain == Self.plain + Self.plain + Self.plain)
            let padded = try gunzip(three + [0, 0, 0], every: step)
            #expect(padded.garbageBytes == 0)
            for rest in [[1], [0x1f], [0x1f, 0x8c], [0, 0, 7], Array("garbage".utf8)] as [[UInt8]] {
                let found = try gunzip(three + rest, every: step)
                #expect(found.plain.count == 3 * Self.plain.count)
                #expect(found.garbageBytes == rest.count)
            }
        }
    }

    @Test("what is cut short is an error, wherever it ends")
    func truncated() {
        for count in 0..<Self.hello.count {
            #expect(throws: Gunzip.Failure.truncated) {
                try gunzip(Array(Self.hello.prefix(count)))
            }
        }
        #expect(throws: Gunzip.Failure.truncated) { try gunzip(Self.hello + [0x1f, 0x8b]) }
    }

    @Test("no changed bit of data or checksum goes unnoticed")
    func damaged() throws {
        let bytes = try gzip(Self.plain)
        // What stands before is for people: time and system.
        for index in 10..<bytes.count {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                #expect(throws: Gunzip.Failure.self) { try gunzip(changed) }
            }
        }
    }

    @Test("what is no gzip is told at once")
    func others() {
        for bytes in [Array("{}".utf8), [0x28, 0xb5, 0x2f, 0xfd], [0x1f, 0x8c, 1]] as [[UInt8]] {
            #expect(throws: Gunzip.Failure.notGzip) { try gunzip(bytes) }
        }
        #expect(throws: Gunzip.Failure.notGzip) { try gunzip([0x50]) }
    }

    @Test("what was deflated is inflated, at any level and of any length", arguments: [0, 1, 6, 9])
    func roundTrip(level: Int) throws {
        for count in [0, 1, 2, 99, 100, 101, 70_000] {
            let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
            let bytes = try gzip(plain, level: level)
            #expect(try gunzip(bytes, every: 991, room: 4_096).plain == plain)
            if level == 0 { #expect(bytes.count >= plain.count) }
        }
    }

    @Test("a context is used again after an error")
    func reuse() throws {
        var inflate = try Inflate()
        let room = ByteBuffer(capacity: 100)
        #expect(throws: ZlibError.self) {
            try [UInt8](repeating: 9, count: 40).withUnsafeBytes {
                _ = try inflate.decompress($0, into: room.bytes)
            }
        }
        try inflate.begin()
        let step = try Self.hello.withUnsafeBytes { try inflate.decompress($0, into: room.bytes) }
        #expect(step.isEnd && step.filled == Self.plain.count && step.used == Self.hello.count)
    }
}
