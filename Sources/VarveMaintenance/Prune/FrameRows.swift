/// Numbers keys in the order in which they are first asked for.
///
/// Each copy of a chunk asks here, and a dictionary's hash would take longer than all the rest.
struct FrameRows {
    /// Slots of keys, found from their hashes on; at most half are taken.
    private var keys = [UInt64](repeating: 0, count: 1 << 10)
    /// The row of the key in each slot; negative where there is none.
    private var rows = [Int32](repeating: -1, count: 1 << 10)
    private var count = 0

    mutating func row(of key: UInt64) -> Int {
        let slot = slot(of: key)
        if rows[slot] >= 0 { return Int(rows[slot]) }
        keys[slot] = key
        rows[slot] = Int32(count)
        count += 1
        if count * 2 > rows.count { grow() }
        return count - 1
    }

    /// Where the key is, or belongs. By the multiplier of Fibonacci hashing (Knuth, The Art of
    /// Computer Programming 3, 6.4).
    private func slot(of key: UInt64) -> Int {
        let hash = key &* 0x9e37_79b9_7f4a_7c15
        var slot = Int(hash >> UInt64(64 - rows.count.trailingZeroBitCount))
        while rows[slot] >= 0 && keys[slot] != key { slot = (slot + 1) & (rows.count - 1) }
        return slot
    }

    private mutating func grow() {
        let old = zip(keys, rows).filter { $0.1 >= 0 }
        keys = Array(repeating: 0, count: keys.count * 2)
        rows = Array(repeating: -1, count: keys.count)
        for (key, row) in old {
            let slot = slot(of: key)
            (keys[slot], rows[slot]) = (key, row)
        }
    }
}
