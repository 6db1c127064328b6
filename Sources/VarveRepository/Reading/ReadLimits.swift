/// Every bound of reading chunks, in one place.
public enum ReadLimits {
    /// Threads that open and decompress frames.
    public static let threads = 2
    /// Threads that do so when a storage is far and some wait for bases of deltas.
    static let threadsFar = 12
    /// Stored bytes that are read from a far storage at once; a longer frame is not read ahead.
    static let spanBytes = 2 << 20
    /// Bytes between two frames that are rather read than asked past.
    static let spanGapBytes = 256 << 10
    /// Spans that are read ahead of those who open frames, and are in memory or on the way.
    static let spansAhead = 8
    /// Records of the log that are fetched from a far storage at once, and index segments; of these each
    /// may take some ten MiB when it is decoded.
    static let recordsAtOnce = 16
    static let segmentsAtOnce = 4
    /// Manifests that are in memory when many are read.
    static let manifestsAtOnce = 512
    /// Deltas of one frame that a thread takes at once.
    static let deltasTogether = 16
    /// Plain bytes that a stream is read ahead by; three windows of this length are in memory.
    public static let streamWindowBytes = 16 << 20
    /// Frames behind the one in use that are opened ahead, where frames of a pack are used in order.
    static let framesAhead = 2
    /// Places in packs, in which somebody reads in order, that are remembered.
    static let streamsAhead = 8
    /// Stored bytes that somebody who reads in order may leave out: other frames, of chunks that are not wanted.
    static let skipAheadBytes = 2 << 20
    /// Chunks that one plan holds at once; each takes about 100 bytes.
    public static let planChunks = 64 << 10
    /// Marks that one window of an archive holds at once.
    public static let windowMarks = 16 << 10
}
