/// How far a prune goes.
public struct PruneOptions: Sendable, Equatable {
    /// How many bytes may stay in packs though nothing needs them.
    public enum Unused: Sendable, Equatable {
        case percent(Double)
        case bytes(Int)
        case unlimited
    }

    public var unusedMax = Unused.percent(5)
    /// Stored bytes that are written anew at most; nil for no limit.
    public var rewrittenBytesMax: Int?
    /// Packs that the log has named go at once, without the grace period.
    public var isImmediate = false

    /// What is sealed under older epochs is written anew, too, as far as `rewrittenBytesMax` allows.
    public var reseals = false

    public init() {}

    func unusedMax(used: Int) -> Int {
        switch unusedMax {
        case .percent(let part): Int((Double(used) * part / 100).rounded(.down))
        case .bytes(let bytes): bytes
        case .unlimited: .max
        }
    }
}
