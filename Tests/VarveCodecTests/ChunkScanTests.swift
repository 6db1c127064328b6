import TestSupport
import Testing
import VarveCodec
import VarveCrypto

@Suite struct ChunkScanTests {
    @Test("a hash is the sum that the format states")
    func definition() throws {
        var generator = SeededNumbers.fresh()
        let bytes = generator.bytes(4096)
        let oracle = try ChunkOracle(secret: chunkerSecret(1), bytes)
        for position in [0, 1, 2, 62, 63, 64, 65, 1000, 4095] {
            let sum = (0...min(position, 63)).reduce(UInt64(0)) { sum, age in
                sum &+ oracle.table[Int(bytes[position - age])] << UInt64(age)
            }
            #expect(sum == oracle.hashes[position], "seed \(generator.seed)")
        }
    }

    @Test("any number of lanes finds the same samples in any input", arguments: InputKind.allCases)
    func lanes(kind: InputKind) throws {
        var generator = SeededNumbers.fresh()
        let gear = try Gear(secret: chunkerSecret(2))
        for count in [0, 1, 63, 64, 65, 511, 1024, 1027, 40_000, 100_003] {
            let bytes = kind.make(count, &generator)
            let expected = try ChunkOracle(secret: chunkerSecret(2), bytes).samples
            for lanes in [1, 2, 4] {
                #expect(
                    scanned(gear, bytes, lanes: lanes) == expected,
                    "\(count) bytes, \(lanes) lanes, seed \(generator.seed)")
            }
        }
    }

    @Test("any split of the scan finds the same samples", arguments: InputKind.allCases)
    func segments(kind: InputKind) throws {
        var generator = SeededNumbers.fresh()
        let gear = try Gear(secret: chunkerSecret(3))
        let bytes = kind.make(150_000, &generator)
        let whole = scanned(gear, bytes)
        for stepMax in [100, 5_000, 70_000] as [UInt64] {
            var samples = SampleBuffer()
            var position = 0
            while position < bytes.count {
                let step = Int(generator.next() % stepMax)
                let end = min(bytes.count, position + step)
                bytes.withUnsafeBytes {
                    gear.scan($0, from: position, to: end, into: &samples)
                }
                position = end
            }
            #expect(Array(samples.samples) == whole, "seed \(generator.seed)")
        }
    }

    @Test("63 bytes of history are enough")
    func history() throws {
        var generator = SeededNumbers.fresh()
        let gear = try Gear(secret: chunkerSecret(4))
        let bytes = generator.bytes(60_000)
        let whole = scanned(gear, bytes).filter { $0.position >= 20_063 }
        var samples = SampleBuffer()
        bytes.withUnsafeBytes { buffer in
            gear.scan(
                UnsafeRawBufferPointer(rebasing: buffer[20_000...]), from: 63, to: 40_000,
                into: &samples)
        }
        let moved = samples.samples.map {
            Sample(position: $0.position + 20_000, hash: $0.hash)
        }
        #expect(moved == whole, "seed \(generator.seed)")
    }

    @Test("bytes of which every position is a sample are no trouble")
    func everyPosition() throws {
        // One secret in 128 makes zeros such bytes.
        let found = try (0..<255).map { chunkerSecret(UInt8($0)) }.first { secret in
            try ChunkOracle(secret: secret, [UInt8](repeating: 0, count: 64)).hashes[63] >> 57 == 0
        }
        let secret = try #require(found)
        let bytes = [UInt8](repeating: 0, count: 100_000)
        let samples = scanned(try Gear(secret: secret), bytes)
        #expect(samples == (try ChunkOracle(secret: secret, bytes).samples))
        #expect(samples.count > 99_900)
    }

    @Test("a secret of another length is refused", arguments: [0, 31, 33])
    func secretLength(count: Int) {
        #expect(throws: CryptoError.wrongLength(count: count, expected: 32)) {
            try Gear(secret: [UInt8](repeating: 0, count: count))
        }
    }
}
