import VarveFormat

/// The list of the runs in force, newest first; renaming it into place is what changes the catalog.
///
/// Magic (8 bytes), repository id (32), per run its number (8, little-endian) and digest (32), then
/// the SHA-256 of all of that.
struct CatalogManifest: Equatable {
    struct Row: Equatable {
        let number: UInt64
        let digest: RunDigest
    }

    static let byteCountMax = 64 << 10
    private static let magic = Array("VRVCAT01".utf8)

    var repository: RepositoryID
    var rows: [Row]

    func encode() -> [UInt8] {
        var bytes = Self.magic + repository.bytes
        for row in rows {
            withUnsafeBytes(of: row.number.littleEndian) { bytes += $0 }
            bytes += row.digest.bytes
        }
        let digest = bytes.withUnsafeBytes { RunDigest(hashing: $0) }
        return bytes + digest.bytes
    }

    init(repository: RepositoryID, rows: [Row]) {
        self.repository = repository
        self.rows = rows
    }

    /// Nil unless `bytes` are what `encode` made for this repository.
    init?(decoding bytes: [UInt8], repository: RepositoryID) {
        let body = bytes.dropLast(32)
        guard body.count >= 40, (body.count - 40) % 40 == 0, body.starts(with: Self.magic),
            RepositoryID(body[8..<40]) == repository,
            let digest = RunDigest(bytes.suffix(32)),
            digest == body.withUnsafeBytes({ RunDigest(hashing: $0) })
        else { return nil }
        self.repository = repository
        rows = body.withUnsafeBytes { buffer in
            stride(from: 40, to: buffer.count, by: 40).map { offset in
                let number = buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                return Row(
                    number: UInt64(littleEndian: number),
                    digest: RunDigest(at: buffer.baseAddress! + offset + 8))
            }
        }
    }
}
