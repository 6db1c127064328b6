import VarveCrypto
package import VarveFormat

/// What an index segment says of one pack, in few bytes.
package struct IndexedPack: Sendable, Equatable {
    package var id: PackID
    package var contents: PackContents
    /// Stored bytes.
    package var bytes: Int
    /// The SHA-256 of its table of contents, encoded.
    package var tableDigest: [UInt8]

    package init(_ pack: Segment.Pack) {
        id = pack.id
        contents = pack.table.contents
        bytes = pack.bytes
        tableDigest = pack.table.digest
    }

    /// Whether a table of contents is the one in the segment.
    package func isTable(_ table: TableOfContents) -> Bool { table.digest == tableDigest }

    package var name: String { ObjectName.pack(id, contents) }
}

extension TableOfContents {
    /// The SHA-256 of the encoded table.
    var digest: [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer)
        return SHA256.digest(writer.bytes)
    }
}
