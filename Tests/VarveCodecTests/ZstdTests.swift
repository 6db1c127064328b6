import TestSupport
import Testing
import VarveCodec

@Suite struct ZstdTests {
    private func compress(
        _ bytes: [UInt8], capacity: Int? = nil, level: Int = 3
    ) throws -> [UInt8]? {
        var compressor = try Compressor()
        var output = [UInt8](repeating: 0, count: capacity ?? Compressor.boundBytes(bytes.count))
        let count = try bytes.withUnsafeBytes { source in
            try output.withUnsafeMutableBytes {
                try compressor.compress(source, into: $0, level: level)
            }
        }
        return count.map { Array(output.prefix($0)) }
    }

    private func delta(
        _ bytes: [UInt8], _ prefix: [UInt8], capacity: Int? = nil
    ) throws -> [UInt8]? {
        var compressor = try Compressor()
        var output = [UInt8](repeating: 0, count: capacity ?? Compressor.boundBytes(bytes.count))
        let count = try bytes.withUnsafeBytes { source in
            try prefix.withUnsafeBytes { prefix in
                try output.withUnsafeMutableBytes {
                    try compressor.compress(source, prefix: prefix, into: $0)
                }
            }
        }
        return count.map { Array(output.prefix($0)) }
    }

    private func decompress(
        _ bytes: [UInt8], count: Int, prefix: [UInt8] = [], with decompressor: inout Decompressor
    ) throws -> [UInt8] {
        var output = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeBytes { source in
            try prefix.withUnsafeBytes { prefix in
                try output.withUnsafeMutableBytes {
                    try decompressor.decompress(source, into: $0, prefix: prefix)
                }
            }
        }
        return output
    }

    @Test("what was compressed comes back", arguments: InputKind.allCases, [-5, 1, 3, 9])
    func roundTrip(kind: InputKind, level: Int) throws {
        var generator = SeededNumbers.fresh()
        var decompressor = try Decompressor()
        for count in [0, 1, 100, 65_536, 300_000] {
            let bytes = kind.make(count, &generator)
            let frame = try #require(try compress(bytes, level: level))
            let back = try decompress(frame, count: count, with: &decompressor)
            #expect(back == bytes, "\(count) bytes, seed \(generator.seed)")
        }
    }

    @Test("a delta comes back beside its prefix", arguments: InputKind.allCases)
    func prefixRoundTrip(kind: InputKind) throws {
        var generator = SeededNumbers.fresh()
        var decompressor = try Decompressor()
        for (count, prefixCount) in [(0, 10), (10, 0), (1, 1), (65_536, 65_536), (300_000, 70_000)]
        {
            let bytes = kind.make(count, &generator)
            let prefix = Array(bytes.prefix(count / 2)) + kind.make(prefixCount, &generator)
            let frame = try #require(try delta(bytes, prefix))
            let back = try decompress(frame, count: count, prefix: prefix, with: &decompressor)
            #expect(back == bytes, "\(count) bytes, seed \(generator.seed)")
        }
    }

    @Test("a delta of random bytes with few changes is small, wherever they lie")
    func small() throws {
        var generator = SeededNumbers(1)
        for count in [16 << 10, 64 << 10, 256 << 10, 2 << 20, 4 << 20] {
            let prefix = generator.bytes(count)
            var bytes = prefix
            for _ in 0..<5 {
                bytes[Int(generator.next() % UInt64(count))] ^= 1
            }
            bytes.removeFirst(100)
            let frame = try #require(try delta(bytes, prefix))
            #expect(frame.count < max(400, count >> 13), "\(count) bytes")
        }
    }

    @Test("what does not fit is nil, and the compressor goes on")
    func tooSmall() throws {
        var generator = SeededNumbers.fresh()
        let bytes = generator.bytes(65_536)
        for capacity in [0, 1, 10, 1000, 65_535] {
            #expect(try compress(bytes, capacity: capacity) == nil)
            #expect(try delta(bytes, generator.bytes(65_536), capacity: capacity) == nil)
        }
        let text = InputKind.text.make(65_536, &generator)
        let frame = try #require(try compress(text))
        #expect(try compress(text, capacity: frame.count + 64) == frame)
        #expect(try compress(text, capacity: frame.count - 1) == nil)
    }

    @Test("truncated frames and wrong lengths are errors")
    func truncated() throws {
        var generator = SeededNumbers.fresh()
        var decompressor = try Decompressor()
        let bytes = InputKind.text.make(20_000, &generator)
        let frame = try #require(try compress(bytes))
        for count in stride(from: 0, to: frame.count, by: 13) {
            #expect(throws: ZstdError.self, "\(count), seed \(generator.seed)") {
                try decompress(
                    Array(frame.prefix(count)), count: bytes.count, with: &decompressor)
            }
        }
        for count in [0, 1, bytes.count - 1, bytes.count + 1] {
            #expect(throws: ZstdError.self) {
                try decompress(frame, count: count, with: &decompressor)
            }
        }
        #expect(throws: ZstdError.self) { try decompress([], count: 0, with: &decompressor) }
        #expect(try decompress(frame, count: bytes.count, with: &decompressor) == bytes)
    }

    @Test("garbage, flipped bits and foreign prefixes give an error or other bytes, never a trap")
    func garbage() throws {
        var generator = SeededNumbers.fresh()
        var decompressor = try Decompressor()
        let prefix = InputKind.text.make(20_000, &generator)
        let bytes = Array(prefix[5_000...]) + InputKind.text.make(500, &generator)
        let frame = try #require(try delta(bytes, prefix))
        for _ in 0..<300 {
            var bad = frame
            bad[Int(generator.next() % UInt64(bad.count))] ^= 1 << UInt8(generator.next() % 8)
            _ = try? decompress(bad, count: bytes.count, prefix: prefix, with: &decompressor)
            let noise = generator.bytes(Int(generator.next() % 200))
            #expect(throws: ZstdError.self, "seed \(generator.seed)") {
                try decompress(noise, count: 1000, with: &decompressor)
            }
        }
        for other in [[], Array(prefix.prefix(50)), generator.bytes(prefix.count)] {
            let found = try? decompress(
                frame, count: bytes.count, prefix: other, with: &decompressor)
            #expect(found != bytes)
        }
        let found = try decompress(
            frame, count: bytes.count, prefix: prefix, with: &decompressor)
        #expect(found == bytes)
    }
}
