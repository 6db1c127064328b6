/// An index segment: the tables of contents of some packs, repeated in one place.
public struct Segment: Sendable, Equatable {
    public struct Pack: Sendable, Equatable {
        public var id: PackID
        /// The pack's stored bytes.
        public var bytes: Int
        public var table: TableOfContents

        public init(id: PackID, bytes: Int, table: TableOfContents) {
            self.id = id
            self.bytes = bytes
            self.table = table
        }
    }

    public var packs: [Pack]

    public init(packs: [Pack]) { self.packs = packs }

    public var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt32(packs.count))
        for pack in packs {
            var table = ByteWriter()
            pack.table.encode(into: &table)
            writer.write(pack.id)
            writer.write(UInt64(pack.bytes))
            writer.write(UInt32(table.bytes.count))
            writer.write(raw: table.bytes)
        }
        return writer.bytes
    }

    public init(_ bytes: [UInt8]) throws(FormatError) {
        guard bytes.count <= UnitKind.segment.bodyLimit else {
            throw .invalid("an index segment is too long")
        }
        packs = try ByteReader.decode(bytes) { reader throws(FormatError) in
            let count = Int(try reader.integer(UInt32.self))
            guard count <= reader.remaining / 52 else { throw .truncated }
            var packs: [Pack] = []
            packs.reserveCapacity(count)
            for _ in 0..<count { packs.append(try Self.pack(&reader)) }
            return packs
        }
    }

    private static func pack(_ reader: inout ByteReader) throws(FormatError) -> Pack {
        let id = try reader.identifier(PackKind.self)
        guard let bytes = Int(exactly: try reader.integer(UInt64.self)),
            bytes <= FormatLimit.packBytes
        else {
            throw .invalid("a pack's length is out of bounds")
        }
        var inner = ByteReader(try reader.take(Int(try reader.integer(UInt32.self))))
        let table = try TableOfContents(&inner)
        try inner.finish()
        guard table.frameBytes <= bytes else { throw .invalid("a pack ends before its frames do") }
        return Pack(id: id, bytes: bytes, table: table)
    }
}
