/// One thread's scratch for lookups, in any catalog: the buckets it read last.
///
/// It keeps the runs that it saw last open until its next lookup.
public struct CatalogCursor: ~Copyable {
    private var state: CatalogState?
    var chunks = BucketBuffer()
    var features = BucketBuffer()

    public init() {}

    /// The state of this generation, taken from `current` if it is not the one seen last.
    @inline(__always)
    mutating func state(_ generation: UInt64, else current: () -> CatalogState) -> CatalogState {
        if let state, state.generation == generation { return state }
        let new = current()
        state = new
        return new
    }
}
