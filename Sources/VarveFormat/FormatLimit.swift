/// The upper bounds that a reader holds stored numbers to before it allocates anything.
public enum FormatLimit {
    /// Plain bytes of one chunk.
    public static let chunkBytes = 16 << 20
    /// Plain bytes of all chunks of one frame.
    public static let frameRawBytes = 32 << 20
    /// Chunks of one frame.
    public static let frameChunks = 65_535
    /// Frames of one pack.
    public static let packFrames = 1 << 18
    /// Stored bytes of one pack: offsets in it are u32.
    public static let packBytes = Int(UInt32.max)
    /// Encoded bytes of the event in a log record that a writer makes.
    public static let recordBytes = 256 << 10
    /// Plain bytes of an index segment that a writer makes.
    public static let segmentBytes = 32 << 20
    /// Bytes of a stream, and of a file with its holes.
    public static let streamBytes = 1 << 60
    /// Bytes of a content that stands in its node.
    public static let literalBytes = 4 << 10
    /// Entries below one directory.
    public static let entriesBelow = 1 << 32
    /// Entries of a content or a chunk list.
    public static let contentEntries = 4_096
    /// Levels of chunk lists above a stream.
    public static let contentDepth = 8
    /// Bytes of an entry's name, and of the name of an extended attribute.
    public static let nameBytes = 255
    /// Bytes of a symbolic link's target.
    public static let targetBytes = 64 << 10
    /// Bytes of one node record, so that a piece of a directory is never longer than a chunk.
    public static let nodeBytes = 8 << 20
    /// Bytes of `varve.json` and of a key slot.
    public static let clearObjectBytes = 64 << 10
    /// Epochs, and replaced keys, of a keyring.
    public static let keyringKeys = 4_096
    /// Seconds of a repository's grace period.
    public static let gracePeriodSeconds = 1 << 32
}
