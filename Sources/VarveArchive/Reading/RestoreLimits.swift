/// Every bound of restoring, in one place.
enum RestoreLimits {
    /// What a test makes smaller, to be at the bounds.
    struct Window: Sendable {
        /// Chunks and files that are gathered before they are read in the order of packs.
        var chunks = 32 << 10
        var files = 8 << 10
        /// Files of less bytes are replaced as a whole, and not written in place.
        var inPlaceMin = 8 << 20
    }

    /// Directories in which gathered files lie, and those that wait for their attributes; each holds a
    /// descriptor.
    static let directoriesWaiting = 192
    /// Directories on the way down that stay open.
    static let directoriesOpen = 128
    /// Files of several chunks that stay open between two of them.
    static let filesOpen = 128
    /// Chunks that a thread compares before it takes others.
    static let chunksCompared = 64
    /// Extended attributes of so many bytes find room on each file system that has them.
    static let attributesAlwaysTaken = 900
    /// Further names of files that wait until the file is there.
    static let linksWaiting = 8 << 10
    /// Zeros that `--sparse` leaves out, in bytes.
    static let sparseBlock = 4 << 10
}
