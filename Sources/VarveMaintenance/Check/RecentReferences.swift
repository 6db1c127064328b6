import VarveFormat

/// Some of the references that were met, in constant memory: a later one may take the place of an
/// earlier one.
///
/// Versions of one directory share most of what they refer to.
struct RecentReferences {
    /// Of 40 bytes each; a power of two.
    private static let placeCount = 1 << 18

    private var places: [(id: ChunkID, bytes: Int)] = []

    func contains(_ reference: Reference) -> Bool {
        guard !places.isEmpty else { return false }
        let place = places[Self.place(reference)]
        return place.id == reference.id && place.bytes == reference.bytes
    }

    /// Takes one of a stream's own chunks: of those, id and length say everything.
    mutating func insert(_ reference: Reference) {
        if places.isEmpty { places = Array(repeating: (.zero, -1), count: Self.placeCount) }
        places[Self.place(reference)] = (reference.id, reference.bytes)
    }

    private static func place(_ reference: Reference) -> Int {
        Int(truncatingIfNeeded: reference.id.prefix) & (placeCount - 1)
    }
}
