/// Names that say that their bytes are compressed, so that they change altogether with each change.
enum CompressedNames {
    private static let endings = [
        ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".zstd", ".lz4", ".lzo", ".br",
        ".zip", ".7z",
    ]

    static func contains(_ name: String) -> Bool {
        let name = name.lowercased()
        return endings.contains { name.hasSuffix($0) }
    }
}
