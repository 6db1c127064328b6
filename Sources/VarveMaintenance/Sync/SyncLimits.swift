/// Every bound of a sync, in one place.
enum SyncLimits {
    /// Chunks that are copied before what was copied is named in the log; each takes some 300 bytes of
    /// memory, and the frames that hold them about as much again.
    static let windowChunks = 64 << 10
    /// Plain bytes after which the same happens, so that an interruption loses no more.
    static let windowBytes = 4 << 30
    /// Threads that read frames, check them and hand them to every destination.
    static let readers = 4
    /// Stored bytes that one call reads, but for a single frame that is longer.
    static let runBytes = 8 << 20
    /// Bytes between two frames that are read along, because another call would take longer.
    static let gapBytes = 128 << 10
    /// For how long a look at what a destination holds serves, in nanoseconds.
    static let storageKnownFor: Int64 = 600 * 1_000_000_000
    /// How often a destination from which something was swept meanwhile is begun anew.
    static let attempts = 3
}
