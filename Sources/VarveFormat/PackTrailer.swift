/// The last bytes of a pack, which say where its table of contents lies.
public struct PackTrailer: Sendable, Equatable {
    public static let byteCount = 24
    static let magic: [UInt8] = Array("VARVPACK".utf8)

    public var tableOffset: Int
    public var tableBytes: Int

    public init(tableOffset: Int, tableBytes: Int) {
        self.tableOffset = tableOffset
        self.tableBytes = tableBytes
    }

    public var encoded: [UInt8] {
        var writer = ByteWriter(reserving: Self.byteCount)
        writer.write(raw: Self.magic)
        writer.write(UInt64(tableOffset))
        writer.write(UInt32(tableBytes))
        writer.write(UInt32(0))
        return writer.bytes
    }

    /// Decodes the trailer of a pack of `packBytes`; the table must end where the trailer starts.
    public init(_ bytes: [UInt8], packBytes: Int) throws(FormatError) {
        self = try ByteReader.decode(bytes) { reader throws(FormatError) in
            guard try reader.raw(8) == Self.magic else { throw .invalid("it is not a pack") }
            let offset = Int(exactly: try reader.integer(UInt64.self))
            let length = Int(try reader.integer(UInt32.self))
            try reader.zero(UInt32.self)
            guard packBytes <= FormatLimit.packBytes, let offset, offset <= packBytes,
                packBytes - offset == length + Self.byteCount,
                length <= UnitKind.tableOfContents.bodyLimit + UnitHeader.overhead
            else { throw .invalid("its table of contents lies outside") }
            return PackTrailer(tableOffset: offset, tableBytes: length)
        }
    }
}
