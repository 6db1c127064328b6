/// Every bound of reading chunks, in one place.
public enum ReadLimits {
    /// Threads that open and decompress frames.
    public static let threads = 2
    /// Deltas of one frame that a thread takes at once.
    static let deltasTogether = 16
    /// Plain bytes that a stream is read ahead by; three windows of this length are in memory.
    public static let streamWindowBytes = 16 << 20
    /// Chunks that one plan holds at once; each takes about 100 bytes.
    public static let planChunks = 64 << 10
    /// Marks that one window of an archive holds at once.
    public static let windowMarks = 16 << 10
}
