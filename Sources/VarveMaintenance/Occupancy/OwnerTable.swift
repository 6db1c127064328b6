import VarveFormat

/// Whom something belongs to: to nobody, to one snapshot, or to several.
enum Owner: Equatable {
    case nobody
    /// By its number.
    case one(Int)
    case several

    /// Whom it belongs to when another one needs it as well.
    func joined(_ other: Owner) -> Owner {
        if self == .nobody { return other }
        return other == .nobody || other == self ? self : .several
    }
}

/// Whom each chunk belongs to, by the first eight bytes of its id.
///
/// Two ids that begin alike count as one chunk: with ten million chunks that is a chance of one in
/// 300,000, and then one chunk is shown as shared.
struct OwnerTable {
    /// Slots are found from the prefix on, which is as good as any hash of it.
    private var prefixes: [UInt64]
    /// 0 for a free slot, 1 for several, 2 and up for one snapshot.
    private var codes: [UInt32]
    private var count = 0

    init(expecting chunks: Int) {
        let slots = max(64, chunks + chunks / 3)
        prefixes = Array(repeating: 0, count: slots)
        codes = Array(repeating: 0, count: slots)
    }

    subscript(prefix: UInt64) -> Owner { Self.owner(codes[slot(of: prefix)]) }

    /// Something that belongs to `owner` needs the chunk.
    mutating func join(_ prefix: UInt64, _ owner: Owner) {
        guard owner != .nobody else { return }
        let slot = slot(of: prefix)
        if codes[slot] == 0 { count += 1 }
        prefixes[slot] = prefix
        codes[slot] = Self.code(Self.owner(codes[slot]).joined(owner))
        if count > codes.count / 4 * 3 { grow() }
    }

    private static func owner(_ code: UInt32) -> Owner {
        code == 0 ? .nobody : code == 1 ? .several : .one(Int(code) - 2)
    }

    private static func code(_ owner: Owner) -> UInt32 {
        switch owner {
        case .nobody: 0
        case .several: 1
        case .one(let number): UInt32(clamping: number + 2)
        }
    }

    /// Where the prefix is, or belongs.
    private func slot(of prefix: UInt64) -> Int {
        var slot = Int(prefix.multipliedFullWidth(by: UInt64(codes.count)).high)
        while codes[slot] != 0, prefixes[slot] != prefix {
            slot += 1
            if slot == codes.count { slot = 0 }
        }
        return slot
    }

    private mutating func grow() {
        let old = zip(prefixes, codes).filter { $0.1 != 0 }
        self = OwnerTable(expecting: codes.count)
        for (prefix, code) in old {
            let slot = slot(of: prefix)
            (prefixes[slot], codes[slot]) = (prefix, code)
        }
        count = old.count
    }
}
