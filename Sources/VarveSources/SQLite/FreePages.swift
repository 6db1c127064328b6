/// The list of a database's free pages: trunk pages, each with the numbers of others.
///
/// Source: https://www.sqlite.org/fileformat2.html#the_freelist
struct FreePages {
    private let first: Int
    private let count: Int
    private let pages: Int
    private let pageBytes: Int
    private let usableBytes: Int

    init(of header: SQLiteHeader, pages: Int) {
        (first, count, self.pages) = (header.firstFreeTrunk, header.freePages, pages)
        pageBytes = header.pageBytes
        usableBytes = pageBytes - header.reservedBytes
    }

    /// Throws unless the list has as many pages as the header says, all of them in the database.
    func check(_ read: (_ page: Int, UnsafeMutableRawBufferPointer) throws -> Void) throws {
        var room = [UInt8](repeating: 0, count: pageBytes)
        var (trunk, found) = (first, 0)
        while trunk != 0, found < count {
            guard trunk <= pages else { throw damage("page \(trunk) of \(pages) is in it") }
            try room.withUnsafeMutableBytes { try read(trunk, $0) }
            let (next, leaves) = try room.withUnsafeBytes { try self.leaves($0, of: trunk) }
            found += 1 + leaves
            trunk = next
        }
        guard trunk == 0, found == count else {
            throw damage("it has not the \(count) pages that the header says")
        }
    }

    private func leaves(
        _ bytes: UnsafeRawBufferPointer, of trunk: Int
    ) throws -> (next: Int, count: Int) {
        let count = Int(bytes.bigEndian(4))
        guard count <= usableBytes / 4 - 2 else { throw damage("trunk page \(trunk) is none") }
        for leaf in 0..<count {
            let page = Int(bytes.bigEndian(8 + 4 * leaf))
            guard 2...max(pages, 2) ~= page else {
                throw damage("page \(page) of \(pages) is in it")
            }
        }
        return (Int(bytes.bigEndian(0)), count)
    }

    private func damage(_ flaw: String) -> SourceError {
        SourceError("it is damaged: of its list of free pages, \(flaw)")
    }
}
