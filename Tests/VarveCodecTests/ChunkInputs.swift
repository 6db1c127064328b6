import Glibc
import TestSupport
import Testing
import VarveCodec
import VarveCrypto

enum InputKind: CaseIterable {
    case random, zeros, text, period, mixed

    func make(_ count: Int, _ generator: inout SeededNumbers) -> [UInt8] {
        switch self {
        case .random: return generator.bytes(count)
        case .zeros: return [UInt8](repeating: 0, count: count)
        case .text:
            let words = ["INSERT ", "INTO ", "orders ", "1742", ", ", "'shipped'", ");\n", "\\N\t"]
            var bytes: [UInt8] = []
            while bytes.count < count {
                bytes += Array(words[Int(generator.next() % 8)].utf8)
            }
            return Array(bytes.prefix(count))
        case .period:
            let pattern = generator.bytes(Int(generator.next() % 200) + 1)
            return (0..<count).map { pattern[$0 % pattern.count] }
        case .mixed:
            var bytes: [UInt8] = []
            while bytes.count < count {
                let kind = [InputKind.random, .zeros, .text, .period][Int(generator.next() % 4)]
                bytes += kind.make(Int(generator.next() % 30_000), &generator)
            }
            return Array(bytes.prefix(count))
        }
    }
}

/// The format's definitions, written down once more in the plainest way.
struct ChunkOracle {
    let table: [UInt64]
    let hashes: [UInt64]

    init(secret: [UInt8], _ bytes: [UInt8]) throws {
        let derived = try secret.withUnsafeBytes { secret in
            try HKDFSHA256.expand(key: secret, info: Array("varve/1 gear".utf8), byteCount: 2048)
        }.withUnsafeBytes { Array($0) }
        table = (0..<256).map { index in
            (0..<8).reduce(0) { $0 | UInt64(derived[index * 8 + $1]) << UInt64(8 * $1) }
        }
        var hash: UInt64 = 0
        hashes = bytes.map { [table] byte in
            // What is 64 bytes old has left the word on its own.
            hash = hash &* 2 &+ table[Int(byte)]
            return hash
        }
    }

    var samples: [Sample] {
        hashes.indices.filter { hashes[$0].leadingZeroBitCount >= 7 }
            .map { Sample(position: UInt32($0), hash: hashes[$0]) }
    }

    func cuts(_ parameters: ChunkerParameters) -> [Int64] {
        let bits = parameters.average.trailingZeroBitCount
        var cuts: [Int64] = []
        var start = 0
        while start < hashes.count {
            var length = parameters.min
            while start + length < hashes.count, length < parameters.max {
                let zeros = hashes[start + length - 1].leadingZeroBitCount
                if zeros >= (length < parameters.normal ? bits + 2 : bits - 2) { break }
                length += 1
            }
            start = min(start + length, hashes.count)
            cuts.append(Int64(start))
        }
        return cuts
    }
}

/// A secret of 32 bytes that are all the same.
func chunkerSecret(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

/// All samples of `bytes`, found in one go.
func scanned(_ gear: Gear, _ bytes: [UInt8], lanes: Int = 4) -> [Sample] {
    var samples = SampleBuffer()
    bytes.withUnsafeBytes {
        gear.scan($0, from: 0, to: bytes.count, lanes: lanes, into: &samples)
    }
    return Array(samples.samples)
}

/// All cuts of a stream of `bytes`.
func cuts(_ gear: Gear, _ bytes: [UInt8], _ parameters: ChunkerParameters) -> [Int64] {
    var selector = CutSelector(parameters)
    var cuts: [Int64] = []
    scanned(gear, bytes).withUnsafeBufferPointer {
        selector.feed($0, base: 0, scannedEnd: Int64(bytes.count), into: &cuts)
    }
    if let last = selector.finish() { cuts.append(last) }
    return cuts
}
