import VarveSystem

/// Where a frame stands, for the cache.
struct FrameKey: Hashable, Sendable {
    /// The first bytes of a pack's id, or the slot of a pack that has no id yet.
    var pack: UInt64
    var offset: UInt32
}

/// The frames that were loaded last.
typealias FrameCache = LoadingCache<FrameKey, LoadedFrame>
