/// Bytes that repeat with every seed and hardly compress.
public func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    let words = (count + 7) / 8
    var bytes = [UInt8](unsafeUninitializedCapacity: words * 8) { buffer, filled in
        for word in 0..<words {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            UnsafeMutableRawBufferPointer(buffer).storeBytes(
                of: (state &* 0x2545_F491_4F6C_DD1D).littleEndian, toByteOffset: word * 8,
                as: UInt64.self)
        }
        filled = words * 8
    }
    bytes.removeLast(bytes.count - count)
    return bytes
}

/// Lines of text, each with its number and some of the seed.
public func lines(_ count: Int, seed: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for line in 0..<count {
        let word = UInt64(line &* 2_654_435_761 &+ seed &* 40_503) % 1_000_003
        bytes += Array("row \(line) holds \(word) of \(word &* 7 % 911)\n".utf8)
    }
    return bytes
}
