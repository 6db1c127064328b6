/// Every bound of a mount, in one place; memory is about their sum and the cache of frames.
enum MountLimits {
    /// Memory for decoded pieces of directories.
    static let pieceCacheBytes = 24 << 20
    /// Threads that answer the kernel: one for each processor, and some that may wait for storage.
    static let threads = 4
    /// Bytes that the kernel asks for at once, at most.
    static let readBytes = 1 << 20
    /// Files with holes or lists of chunks of which is remembered where bytes lie.
    static let mappedFiles = 16
    /// Positions in one such file, for as many who read it in order.
    static let cursorsOfFile = 4
    /// Entries of a snapshot up to which the names of its hard links are counted.
    static let countedEntries = 2_000_000
    /// Nanoseconds for which the list of snapshots counts as known.
    static let listKnownFor: Int64 = 1_000_000_000
    /// Bytes that the kernel is given at once before it asks for them, about, and of one file at most.
    static let handedBytes = 1 << 20
    static let handedFileBytes = 128 << 10
    /// What the kernel may read ahead of somebody who reads a file in order, in units of 1,024 bytes.
    static let readAheadKibibytes = 1_024
    /// Different complaints that are remembered, so as not to be repeated.
    static let complaints = 4_096
}
