import VarveFormat

/// One shard of a session's chunks: entries side by side, and an open-addressing table of ordinals.
///
/// 56 bytes an entry, 4 a slot, and no allocation for a single chunk.
struct SessionTable {
    private struct Entry {
        let id: ChunkID
        var packSlot: UInt32 = 0
        var frameOffset: UInt32 = 0
        var frameBytes: UInt32 = 0
        var rawBytes: UInt32 = 0
        var position: UInt16 = 0
        /// `pending` until it is placed, then `full` or `delta`.
        var state: UInt16 = 0
    }

    private static let (pending, full, delta): (UInt16, UInt16, UInt16) = (0, 1, 2)
    private static let slotsMin = 16
    private static let free = UInt32.max

    private var entries: [Entry] = []
    /// A power of two of ordinals, at most three quarters of them in use.
    private var slots = [UInt32](repeating: free, count: slotsMin)

    var count: Int { entries.count }

    mutating func claim(_ id: ChunkID) -> SessionClaim {
        let slot = slot(of: id)
        if slots[slot] != Self.free { return answer(entries[Int(slots[slot])]) }
        slots[slot] = UInt32(entries.count)
        if entries.count == entries.capacity {
            // Not twice as many: what an array keeps in reserve counts as memory, too.
            entries.reserveCapacity(entries.count + entries.count / 8 + 16)
        }
        entries.append(Entry(id: id))
        if entries.count * 4 > slots.count * 3 { rebuildSlots() }
        return .mine
    }

    /// Nil for a chunk that nobody claimed.
    func lookup(_ id: ChunkID) -> SessionClaim? {
        let slot = slot(of: id)
        return slots[slot] == Self.free ? nil : answer(entries[Int(slots[slot])])
    }

    mutating func place(_ id: ChunkID, _ place: SessionPlace) {
        _ = claim(id)
        let ordinal = Int(slots[slot(of: id)])
        entries[ordinal].packSlot = place.packSlot
        entries[ordinal].frameOffset = place.frameOffset
        entries[ordinal].frameBytes = place.frameBytes
        entries[ordinal].rawBytes = place.rawBytes
        entries[ordinal].position = place.position
        entries[ordinal].state = place.isDelta ? Self.delta : Self.full
    }

    /// Takes back a claim; a chunk that is placed stays.
    mutating func abandon(_ id: ChunkID) {
        guard lookup(id) == .pending else { return }
        entries.removeAll { $0.id == id }
        rebuildSlots()
    }

    mutating func removePlaced(in packSlots: Set<UInt32>) {
        let kept = entries.filter { $0.state == Self.pending || !packSlots.contains($0.packSlot) }
        guard kept.count < entries.count else { return }
        entries = kept
        rebuildSlots()
    }

    private func answer(_ entry: Entry) -> SessionClaim {
        if entry.state == Self.pending { return .pending }
        return .placed(
            SessionPlace(
                packSlot: entry.packSlot, frameOffset: entry.frameOffset,
                frameBytes: entry.frameBytes, position: entry.position, rawBytes: entry.rawBytes,
                isDelta: entry.state == Self.delta))
    }

    /// The slot that has the chunk, or the free one where it belongs.
    private func slot(of id: ChunkID) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: SessionIndex.mix(id) >> 16) & mask
        while slots[slot] != Self.free, entries[Int(slots[slot])].id != id {
            slot = (slot + 1) & mask
        }
        return slot
    }

    private mutating func rebuildSlots() {
        var slotCount = Self.slotsMin
        while entries.count * 4 > slotCount * 3 { slotCount *= 2 }
        slots = [UInt32](repeating: Self.free, count: slotCount)
        for ordinal in entries.indices {
            slots[slot(of: entries[ordinal].id)] = UInt32(ordinal)
        }
    }
}
