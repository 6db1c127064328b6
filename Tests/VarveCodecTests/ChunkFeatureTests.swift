import TestSupport
import Testing
import VarveCodec
import VarveCrypto
import VarveFormat

@Suite struct ChunkFeatureTests {
    private let gear: Gear
    private let secret = chunkerSecret(10)

    init() throws { gear = try Gear(secret: secret) }

    private func features(_ bytes: [UInt8], chunk: Range<Int>) -> SuperFeatures? {
        scanned(gear, bytes).withUnsafeBufferPointer { gear.superFeatures($0, chunk: chunk) }
    }

    /// The definition in scalars.
    private func expected(_ chunk: [UInt8]) throws -> SuperFeatures? {
        let samples = try ChunkOracle(secret: secret, chunk).samples.filter { $0.position >= 63 }
        guard samples.count >= 8 else { return nil }
        let derived = try secret.withUnsafeBytes {
            try HKDFSHA256.expand(key: $0, info: Array("varve/1 features".utf8), byteCount: 96)
        }
        var minima = [UInt32](repeating: .max, count: 12)
        derived.withUnsafeBytes { bytes in
            for index in 0..<12 {
                let factor = bytes.load(fromByteOffset: 8 * index, as: UInt32.self) | 1
                let addend = bytes.load(fromByteOffset: 8 * index + 4, as: UInt32.self)
                for sample in samples {
                    let x = UInt32(truncatingIfNeeded: sample.hash >> 16)
                    minima[index] = min(minima[index], x &* factor &+ addend)
                }
            }
        }
        let mixed = (0..<3).map { number in
            var hash = UInt64(number) + 1
            for minimum in minima[4 * number..<4 * number + 4] {
                hash = (hash ^ UInt64(minimum)) &* 0x9E37_79B9_7F4A_7C15
                hash ^= hash >> 32
            }
            return UInt32(truncatingIfNeeded: hash)
        }
        return SuperFeatures(mixed[0], mixed[1], mixed[2])
    }

    @Test("super-features are those of the definition", arguments: InputKind.allCases)
    func definition(kind: InputKind) throws {
        var generator = SeededNumbers.fresh()
        for count in [0, 63, 500, 1500, 5_000, 70_000] {
            let bytes = kind.make(count, &generator)
            #expect(
                features(bytes, chunk: 0..<count) == (try expected(bytes)),
                "\(count) bytes, seed \(generator.seed)")
        }
    }

    @Test("super-features depend on the chunk's own bytes and on nothing around them")
    func pure() throws {
        var generator = SeededNumbers.fresh()
        let chunk = generator.bytes(20_000)
        let alone = features(chunk, chunk: 0..<chunk.count)
        for before in [1, 62, 64, 3000] {
            let around = generator.bytes(before) + chunk + generator.bytes(500)
            #expect(
                features(around, chunk: before..<before + chunk.count) == alone,
                "seed \(generator.seed)")
        }
        #expect(alone != nil)
    }

    @Test("a sample counts when its 64 bytes lie in the chunk, and eight are enough")
    func borders() throws {
        var generator = SeededNumbers.fresh()
        let samples = scanned(gear, generator.bytes(20_000))
        let first = try #require(samples.firstIndex { $0.position >= 63 })
        let start = Int(samples[first].position) - 63
        let end = Int(samples[first + 7].position) + 1
        samples.withUnsafeBufferPointer {
            #expect(gear.superFeatures($0, chunk: start..<end) != nil, "seed \(generator.seed)")
            #expect(gear.superFeatures($0, chunk: start + 1..<end) == nil)
            #expect(gear.superFeatures($0, chunk: start..<end - 1) == nil)
        }
    }

    @Test("a changed chunk shares a super-feature, another chunk shares none")
    func resemblance() throws {
        var generator = SeededNumbers(1)
        let chunk = generator.bytes(64 << 10)
        let original = try #require(features(chunk, chunk: 0..<chunk.count))
        var shared = 0
        for _ in 0..<20 {
            var changed = chunk
            for _ in 0..<5 {
                changed[Int(generator.next() % UInt64(chunk.count))] = UInt8(generator.next() >> 56)
            }
            let found = try #require(features(changed, chunk: 0..<changed.count))
            if alike(original, found) { shared += 1 }
        }
        #expect(shared >= 18)
        let other = generator.bytes(64 << 10)
        let stranger = try #require(features(other, chunk: 0..<other.count))
        #expect(!alike(original, stranger))
    }

    private func alike(_ a: SuperFeatures, _ b: SuperFeatures) -> Bool {
        a.first == b.first || a.second == b.second || a.third == b.third
    }
}
