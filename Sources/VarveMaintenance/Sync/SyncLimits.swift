import VarveStorage

/// Every bound of a sync, in one place.
enum SyncLimits {
    /// Chunks that are copied before what was copied is named in the log; each takes some 300 bytes of
    /// memory, and the frames that hold them about as much again.
    static let windowChunks = 64 << 10
    /// Plain bytes after which the same happens, so that an interruption loses no more.
    static let windowBytes = 4 << 30
    /// Threads that read frames, check them and hand them to every destination: of a storage that is
    /// near, and of one that takes its time to answer.
    private static let readers = (near: 2, far: 4)
    /// Stored bytes that one call reads, but for a single frame that is longer.
    static let runBytes = 4 << 20
    /// Bytes between two frames that are read along, because another call would take longer.
    static let gapBytes = 128 << 10
    /// For how long a look at what a destination holds serves, in nanoseconds.
    static let storageKnownFor: Int64 = 600 * 1_000_000_000
    /// How many threads are worth while for `count` things in a storage.
    static func threads(_ storage: any Storage, for count: Int) -> Int {
        min(storage.connections > 1 ? readers.far : readers.near, count)
    }

    /// How often a destination from which something was swept meanwhile is begun anew.
    static let attempts = 3
}
