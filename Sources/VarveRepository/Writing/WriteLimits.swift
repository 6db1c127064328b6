/// Every bound of writing and reading chunks, in one place; memory is about their sum.
enum WriteLimits {
    /// Decoded frames kept because chunks in them are bases of deltas, or are read again.
    static let frameCacheBytes = 44 << 20
    /// Buffers of dropped frames that are kept to be used again.
    static let framesSpare = 4
    /// Chunks of one pack, whose table of contents is in memory until it is full.
    static let packChunks = 32 << 10
    /// At which length a pack of trees and lists is full: on a far storage it is fetched whole, into memory.
    static let metadataPackBytes = 32 << 20
    /// Packs that are full and wait to be made durable; their bytes are on disk already.
    static let uploadsWaiting = 8
    /// Threads that make packs durable.
    static let uploaders = 2
    /// Threads that put packs to a far storage, from their files: when a session ends, all that are open.
    static let uploadersFar = 8
    /// For how long a session on a far storage goes by the log as it was read last, in nanoseconds.
    static let logKnownFor: Int64 = 5_000_000_000
    /// Chunks that one index segment gathers; until then each takes about 200 bytes of memory.
    static let segmentChunks = 64 << 10
    /// Bases that are tried for one chunk.
    static let basesTried = 1
    /// A chunk shorter than this is never worth a delta.
    static let deltaBytesMin = 1 << 10
}
