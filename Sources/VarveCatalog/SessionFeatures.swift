import VarveFormat

/// The full chunks that super-features of this session lead to: the newest one for each feature.
struct SessionFeatures {
    private struct Base {
        let id: ChunkID
        let features: SuperFeatures

        func feature(_ number: UInt32) -> UInt32 {
            number == 0 ? features.first : number == 1 ? features.second : features.third
        }
    }

    private static let slotsMin = 64
    private static let free = UInt32.max

    private var bases: [Base] = []
    /// A power of two of base ordinals, times four, plus the number of the feature meant: 0 to 2.
    private var slots = [UInt32](repeating: free, count: slotsMin)

    mutating func register(_ features: SuperFeatures, base: ChunkID) {
        if bases.count == bases.capacity {
            bases.reserveCapacity(bases.count + bases.count / 4 + 64)
        }
        bases.append(Base(id: base, features: features))
        if bases.count * 4 > slots.count {
            rebuildSlots()
        } else {
            occupySlots(bases.count - 1)
        }
    }

    /// Those first that more of the features lead to.
    func candidates(_ features: SuperFeatures) -> [ChunkID] {
        var found: [(id: ChunkID, matches: Int)] = []
        for feature in [features.first, features.second, features.third] {
            let occupant = slots[slot(of: feature)]
            guard occupant != Self.free else { continue }
            let id = bases[Int(occupant >> 2)].id
            if let known = found.firstIndex(where: { $0.id == id }) {
                found[known].matches += 1
            } else {
                found.append((id, 1))
            }
        }
        // At most three, so a stable order costs nothing to keep by hand.
        return stride(from: 3, to: 0, by: -1).flatMap { matches in
            found.filter { $0.matches == matches }.map(\.id)
        }
    }

    mutating func removeAll(where isUnwanted: (ChunkID) -> Bool) {
        bases = bases.filter { !isUnwanted($0.id) }
        rebuildSlots()
    }

    private mutating func occupySlots(_ ordinal: Int) {
        for number in UInt32(0)..<3 {
            let feature = bases[ordinal].feature(number)
            slots[slot(of: feature)] = UInt32(ordinal) << 2 | number
        }
    }

    /// The slot of this feature, or the free one where it belongs.
    private func slot(of feature: UInt32) -> Int {
        let mask = slots.count - 1
        var slot = Int((feature &* 0x9E37_79B1) >> 4) & mask
        while slots[slot] != Self.free,
            bases[Int(slots[slot] >> 2)].feature(slots[slot] & 3) != feature
        {
            slot = (slot + 1) & mask
        }
        return slot
    }

    private mutating func rebuildSlots() {
        var slotCount = Self.slotsMin
        while bases.count * 4 > slotCount { slotCount *= 2 }
        slots = [UInt32](repeating: Self.free, count: slotCount)
        for ordinal in bases.indices { occupySlots(ordinal) }
    }
}
