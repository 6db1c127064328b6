import VarveFormat

/// Which packs a check reads whole.
public enum PackSelection: Sendable, Equatable {
    case none
    case all
    /// One part of so many.
    case part(of: Int)
    case percent(Double)
    /// So many stored bytes.
    case bytes(Int)

    /// The packs to read, those that were checked longest ago first; `checked` says when, in seconds
    /// since 1970.
    ///
    /// Unless nothing is asked for, it is at least one.
    func chosen(
        from packs: [(id: PackID, bytes: Int)], checked: [PackID: Int64]
    ) -> [PackID] {
        let ordered = packs.sorted { a, b in
            (checked[a.id] ?? .min, a.id) < (checked[b.id] ?? .min, b.id)
        }
        switch self {
        case .none: return []
        case .all: return ordered.map(\.id)
        case .part(let parts): return first(1 / Double(parts), of: ordered.map(\.id))
        case .percent(let percent): return first(percent / 100, of: ordered.map(\.id))
        case .bytes(let bytesMin):
            var bytes = 0
            var chosen: [PackID] = []
            for pack in ordered where chosen.isEmpty || bytes < bytesMin {
                bytes += pack.bytes
                chosen.append(pack.id)
            }
            return chosen
        }
    }

    private func first(_ share: Double, of packs: [PackID]) -> [PackID] {
        let count = (Double(packs.count) * share).rounded(.up)
        return Array(packs.prefix(max(1, Int(count))))
    }
}
