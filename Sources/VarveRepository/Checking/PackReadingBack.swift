import VarveCrypto
package import VarveFormat
import VarveStorage

extension Repository {
    /// Reads a pack whole from the storage, whatever this machine has kept of it, and throws `.damaged`
    /// unless its bytes are its name.
    package func expectWhole(_ pack: Segment.Pack) throws {
        let name = ObjectName.pack(pack.id, pack.table.contents)
        let storage = storage.unkept
        var hash = SHA256Context()
        do {
            for offset in stride(from: 0, to: pack.bytes, by: Self.readBackBytes) {
                let count = min(Self.readBackBytes, pack.bytes - offset)
                try storage.read(name, at: offset, count: count).withUnsafeBytes { hash.update($0) }
            }
        } catch {
            throw RepositoryError.reading(error)
        }
        var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
        digest.withUnsafeMutableBytes { hash.finish(into: $0.baseAddress!) }
        guard PackID(digest) == pack.id else {
            throw RepositoryError.damaged(name, "its content does not fit its name")
        }
    }

    private static var readBackBytes: Int { 4 << 20 }
}
