/// A run's table read from front to back, many checked buckets at a time.
final class TableScan {
    /// Buckets are read together up to this length, in bytes.
    private static let pieceBytes = 256 << 10

    private let run: Run
    private let table: SortedTable
    private var piece = UnsafeMutableRawBufferPointer.allocate(
        byteCount: pieceBytes, alignment: 8)
    /// The next bucket to read.
    private var bucket = 0
    /// The next entry in the piece, and where the piece ends.
    private var next = 0
    private var end = 0
    /// The entry scanned to, nil at the end.
    private(set) var entry: UnsafeRawPointer?

    init(_ table: SortedTable, of run: Run) throws(CatalogError) {
        self.run = run
        self.table = table
        try advance()
    }

    deinit { piece.deallocate() }

    func advance() throws(CatalogError) {
        while next == end {
            guard bucket < table.bucketCount else {
                entry = nil
                return
            }
            try load()
        }
        entry = UnsafeRawPointer(piece.baseAddress! + next)
        next += table.entryBytes
    }

    private func load() throws(CatalogError) {
        let (buckets, byteCount) = try table.buckets(from: bucket, bytesMax: Self.pieceBytes)
        if piece.count < byteCount {
            piece.deallocate()
            piece = .allocate(byteCount: byteCount, alignment: 8)
        }
        try table.load(
            buckets, of: run, into: UnsafeMutableRawBufferPointer(rebasing: piece[..<byteCount]))
        (next, end) = (0, byteCount)
        bucket = buckets.upperBound
    }
}
