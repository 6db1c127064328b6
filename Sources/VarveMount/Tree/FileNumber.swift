/// The number by which the kernel knows a file: where its node stands, so that nothing is kept about it.
struct FileNumber: Hashable, Sendable {
    let rawValue: UInt64

    enum Place: Hashable, Sendable {
        /// A view, or the root of a snapshot.
        case view(Int)
        case entry(EntryPlace)
        /// A file with several names, by a number of its own.
        case linked(Int)
    }

    static let root = FileNumber(rawValue: 1)

    private static let linkedBit: UInt64 = 1 << 63
    private static let indexBits = 20
    private static let pieceBits = 16
    private static let viewMax = 1 << (indexBits + pieceBits)

    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// `number` is 1 for the root, and stays far below 2^36.
    init(view number: Int) { rawValue = UInt64(number) }

    init(linked number: Int) { rawValue = UInt64(number) | Self.linkedBit }

    init(_ place: EntryPlace) {
        rawValue =
            UInt64(place.directory) << (Self.indexBits + Self.pieceBits)
            | UInt64(place.piece) << Self.indexBits | UInt64(place.index)
    }

    var place: Place {
        if rawValue & Self.linkedBit != 0 { return .linked(Int(rawValue & ~Self.linkedBit)) }
        let number = Int(rawValue)
        guard number >= Self.viewMax else { return .view(number) }
        return .entry(
            EntryPlace(
                directory: number >> (Self.indexBits + Self.pieceBits),
                piece: number >> Self.indexBits & (EntryPlace.piecesMax - 1),
                index: number & (EntryPlace.indexesMax - 1)))
    }
}

/// Where a node stands: in which opened directory, in which of its pieces, and where in that.
struct EntryPlace: Hashable, Sendable {
    /// Opened directories are numbered from 1 on.
    var directory: Int
    var piece: Int
    var index: Int

    /// One more than the greatest directory, piece and index that a number has room for.
    static let directoriesMax = 1 << 27
    static let piecesMax = 1 << 16
    static let indexesMax = 1 << 20
}
