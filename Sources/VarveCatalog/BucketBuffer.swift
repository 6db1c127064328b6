/// The buckets that were read last, checked already; one of them is selected.
///
/// A stream that is much like an earlier one looks into the same few hundred buckets again and again,
/// and reading and hashing them each time would cost more than the search.
struct BucketBuffer: ~Copyable {
    private struct Slot {
        /// The run and the bucket held, run 0 when none is.
        var run: UInt64 = 0
        var bucket = 0
        var entryBytes = 1
        /// How many entries the bucket has.
        var count = 0
        var room: UnsafeMutableRawBufferPointer?
    }

    /// Buckets of 3 to 8 KiB each; a power of two.
    private static let slotCount = 256

    private var slots = [Slot](repeating: Slot(), count: slotCount)
    private var selected = 0

    deinit { for slot in slots { slot.room?.deallocate() } }

    /// How many entries the selected bucket has.
    var count: Int { slots[selected].count }

    /// Selects the place of a bucket; true when the bucket is there.
    mutating func select(_ bucket: Int, of run: UInt64) -> Bool {
        selected =
            Int(truncatingIfNeeded: UInt64(truncatingIfNeeded: bucket) &+ run &* 101)
            & (Self.slotCount - 1)
        return slots[selected].run == run && slots[selected].bucket == bucket
    }

    /// Room for a bucket that is yet to be accepted, at the selected place.
    mutating func prepare(byteCount: Int) -> UnsafeMutableRawBufferPointer {
        slots[selected].run = 0
        if let room = slots[selected].room, room.count >= byteCount {
            return UnsafeMutableRawBufferPointer(rebasing: room[..<byteCount])
        }
        slots[selected].room?.deallocate()
        let room = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(byteCount, 4096), alignment: 8)
        slots[selected].room = room
        return UnsafeMutableRawBufferPointer(rebasing: room[..<byteCount])
    }

    mutating func accept(_ bucket: Int, of run: UInt64, entryBytes: Int, count: Int) {
        slots[selected].run = run
        slots[selected].bucket = bucket
        slots[selected].entryBytes = entryBytes
        slots[selected].count = count
    }

    /// An entry of the selected bucket.
    subscript(index: Int) -> UnsafeRawPointer {
        let slot = slots[selected]
        precondition(index < slot.count, "an entry lies in its bucket")
        return UnsafeRawPointer(slot.room!.baseAddress! + index * slot.entryBytes)
    }

    /// The first entry of the selected bucket whose leading eight bytes are not below `key`.
    func lowerBound(_ key: UInt64) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if UInt64(bigEndian: self[middle].loadUnaligned(as: UInt64.self)) < key {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
