import VarveCodec
package import VarveFormat
import VarveStorage

extension Repository {
    /// The length of the pack with this name, and the table of contents at its end, as the storage has
    /// them, whatever this machine has kept of it.
    package func tableOfContents(of name: String) throws -> (bytes: Int, table: TableOfContents) {
        let storage = storage.unkept
        do {
            let bytes = try storage.size(of: name)
            let count = PackTrailer.byteCount
            guard bytes >= count else { throw FormatError.truncated }
            let trailer = try PackTrailer(
                storage.read(name, at: bytes - count, count: count), packBytes: bytes)
            let unit = try storage.read(
                name, at: trailer.tableOffset, count: trailer.tableBytes)
            var sealer = try UnitSealer(keys)
            let body = try sealer.open(.tableOfContents, unit)
            let table = try ByteReader.decode(body) { reader throws(FormatError) in
                try TableOfContents(&reader)
            }
            return (bytes, table)
        } catch let error as StorageError {
            throw RepositoryError.reading(error)
        } catch let error as SealError {
            throw RepositoryError.damaged(name, "its table of contents: \(error)")
        } catch let error as FormatError {
            throw RepositoryError.damaged(name, error.description)
        }
    }
}
