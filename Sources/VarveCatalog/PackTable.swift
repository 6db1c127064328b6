import VarveFormat

/// The packs that the open catalog knows, each with an ordinal that stays.
struct PackTable: Sendable {
    private(set) var ids: [PackID] = []

    /// The ordinals of `packs`, new ones where needed.
    mutating func intern(_ packs: [PackID]) -> [UInt32] {
        // Made for each run and thrown away: a dictionary kept would outweigh the table itself.
        var ordinals: [PackID: UInt32] = [:]
        for (ordinal, id) in ids.enumerated() { ordinals[id] = UInt32(ordinal) }
        return packs.map { id in
            if let known = ordinals[id] { return known }
            let new = UInt32(ids.count)
            ordinals[id] = new
            ids.append(id)
            return new
        }
    }
}
