/// Takes encoded values off the front of bytes, and throws where they do not hold one.
///
/// It does not own the bytes: use it only while they are pinned.
public struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    public private(set) var position = 0

    public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    public var remaining: Int { bytes.count - position }

    /// Decodes the whole of `bytes` with `body`; bytes left over are an error.
    public static func decode<Value>(
        _ bytes: [UInt8], _ body: (inout ByteReader) throws(FormatError) -> Value
    ) throws(FormatError) -> Value {
        try bytes.span.withUnsafeBytes { buffer throws(FormatError) in
            var reader = ByteReader(buffer)
            let value = try body(&reader)
            try reader.finish()
            return value
        }
    }

    public func finish() throws(FormatError) {
        guard remaining == 0 else { throw .invalid("\(remaining) bytes too many") }
    }

    public mutating func integer<Value: FixedWidthInteger>(_: Value.Type) throws(FormatError)
        -> Value
    {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else { throw .truncated }
        defer { position += size }
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
    }

    public mutating func byte() throws(FormatError) -> UInt8 { try integer(UInt8.self) }

    /// Skips a field that must be zero.
    public mutating func zero<Value: FixedWidthInteger>(_ type: Value.Type) throws(FormatError) {
        guard try integer(type) == 0 else { throw .invalid("a reserved field is not zero") }
    }

    public mutating func varint() throws(FormatError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let next = try byte()
            let bits = UInt64(next & 0x7f)
            guard shift < 63 || bits <= 1 else { throw .invalid("a number is too large") }
            value |= bits << shift
            if next & 0x80 == 0 {
                guard next != 0 || shift == 0 else { throw .invalid("a number is padded") }
                return value
            }
        }
        throw .invalid("a number is too long")
    }

    /// A varint that fits an Int and is at most `limit`.
    public mutating func number(atMost limit: Int = .max) throws(FormatError) -> Int {
        guard let value = Int(exactly: try varint()), value <= limit else {
            throw .invalid("a number is above its limit")
        }
        return value
    }

    /// A count of items of which each takes at least `size` bytes, so that it bounds an allocation.
    public mutating func count(ofBytes size: Int) throws(FormatError) -> Int {
        let value = try number()
        guard value <= remaining / size else { throw .truncated }
        return value
    }

    public mutating func identifier<Kind>(_: Kind.Type = Kind.self) throws(FormatError)
        -> Identifier<Kind>
    {
        Identifier(at: try take(32).baseAddress!)
    }

    /// The next `count` bytes in place.
    public mutating func take(_ count: Int) throws(FormatError) -> UnsafeRawBufferPointer {
        guard count >= 0, remaining >= count else { throw .truncated }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    public mutating func raw(_ count: Int) throws(FormatError) -> [UInt8] { Array(try take(count)) }

    public mutating func string() throws(FormatError) -> [UInt8] {
        try raw(try count(ofBytes: 1))
    }

    /// A string that is often the same as `previous`, and then shares its memory.
    mutating func string(like previous: [UInt8]) throws(FormatError) -> [UInt8] {
        let bytes = try take(try count(ofBytes: 1))
        if Self.isEqual(previous, bytes) { return previous }
        return Array(bytes)
    }

    private static func isEqual(_ array: [UInt8], _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard array.count == bytes.count else { return false }
        for index in array.indices where array[index] != bytes[index] { return false }
        return true
    }

    /// Text in UTF-8.
    public mutating func text() throws(FormatError) -> String {
        guard let text = String(validating: try take(try count(ofBytes: 1)), as: UTF8.self) else {
            throw .invalid("a text is not UTF-8")
        }
        return text
    }

    /// A byte that is 0 or 1.
    public mutating func flag() throws(FormatError) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw .invalid("a flag is neither 0 nor 1")
        }
    }

    public mutating func texts() throws(FormatError) -> [String] {
        try list(ofBytes: 1) { reader throws(FormatError) in try reader.text() }
    }

    public mutating func ids<Kind>(_: Kind.Type = Kind.self) throws(FormatError)
        -> [Identifier<Kind>]
    {
        try list(ofBytes: 32) { reader throws(FormatError) in try reader.identifier() }
    }

    /// A varint count and that many items, each of at least `size` bytes.
    public mutating func list<Item>(
        ofBytes size: Int, _ item: (inout ByteReader) throws(FormatError) -> Item
    ) throws(FormatError) -> [Item] {
        let count = try count(ofBytes: size)
        var items: [Item] = []
        // In memory an item may take many times `size`: the room is bounded by the bytes themselves.
        items.reserveCapacity(min(count, remaining / MemoryLayout<Item>.stride))
        for _ in 0..<count { items.append(try item(&self)) }
        return items
    }
}
