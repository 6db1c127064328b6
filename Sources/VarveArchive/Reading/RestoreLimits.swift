/// Every bound of restoring, in one place.
enum RestoreLimits {
    /// Chunks, and files, that are gathered before they are read in the order of packs.
    static let chunksGathered = 32 << 10
    static let filesGathered = 8 << 10
    /// Directories that wait for their attributes; each holds a descriptor.
    static let directoriesWaiting = 128
    /// Files of several chunks that stay open between two of them.
    static let filesOpen = 128
}
