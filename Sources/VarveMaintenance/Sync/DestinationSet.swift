/// Some of the destinations of one sync, by their positions.
struct DestinationSet: OptionSet, Sendable, Hashable {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }
    init(_ position: Int) { rawValue = 1 << UInt64(position) }

    /// As many as one sync can have.
    static let countMax = 64

    func contains(position: Int) -> Bool { rawValue & 1 << UInt64(position) != 0 }
}
