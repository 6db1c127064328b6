/// Every bound of taking a snapshot, in one place; memory is about their sum.
enum TakingLimits {
    /// Threads that hash, compress, seal and append.
    static let workers = 2
    /// Slabs of a stream in memory, fewer when long chunks make them long; two fewer may be predicted
    /// and not yet confirmed.
    static let slabs = 8
    static let slabsMin = 3
    /// Slabs of each further thread that reads a virtual tree.
    static let slabsBeside = 4
    static let slabsBytes = 64 << 20
    /// Bytes of a slab, unless the longest chunk needs more.
    static let slabBytes = 1 << 20
    /// Units of work that wait for a worker.
    static let itemsWaiting = 16
    /// Files up to this length are read whole by a worker, longer ones in slabs.
    static let smallFileBytes = 512 << 10
    /// Bytes of a piece of a file that has outgrown the above since it was listed.
    static let grownFileBytes = 16 << 20
    /// Entries of a directory that are taken at a time.
    static let sliceEntries = 4_096
    /// Entries that one of two threads looks at before it asks for more; a directory with fewer than some
    /// times as many is left to one.
    static let statusesTaken = 64
    static let statusesShared = 256
    /// A file of more extents is read as if it had no holes.
    static let extentsMax = 65_536
    /// Bytes of all extended attributes of one entry.
    static let attributesBytes = 4 << 20
    /// A batch of small files ends at this many files or bytes.
    static let batchFiles = 128
    static let batchBytes = 1 << 20
    /// How long a stream may be silent before interrupts are looked at.
    static let listenMilliseconds: Int32 = 200
    /// Entries younger than this may change again without a trace in their times.
    static let restlessNanoseconds: Int64 = 2_000_000_000
    /// How far ahead a scan looks in the parent's list for the chunk it has just found.
    static let realignChunks = 2_048
    /// How many chunks in a row must be the parent's before the next ones are predicted; doubled
    /// each time a prediction turns out to be wrong soon.
    static let alignedChunksMin = 4
    static let alignedChunksMax = 4_096
}
