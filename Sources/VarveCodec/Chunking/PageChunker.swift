/// Cuts at fixed absolute offsets, for files that are rewritten in place, page by page.
public enum PageChunker {
    /// All chunks have this length, except the last of a stream.
    public static let chunkBytes = 64 << 10

    /// Bytes that `isPageStructured` wants to see.
    public static let prefixBytes = 16

    /// Whether a file that begins with `prefix` is an SQLite database.
    public static func isPageStructured(prefix: UnsafeRawBufferPointer) -> Bool {
        prefix.prefix(prefixBytes).elementsEqual("SQLite format 3\0".utf8)
    }

    /// The next cut of a stream of `end` bytes after `position`, which is before the end.
    public static func cut(after position: Int64, end: Int64) -> Int64 {
        let chunkBytes = Int64(Self.chunkBytes)
        return min((position / chunkBytes + 1) * chunkBytes, end)
    }
}
