/// Appends encoded values to a growing byte array.
public struct ByteWriter: Sendable {
    public var bytes: [UInt8] = []

    public init(reserving capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Forgets what was written, and keeps the room.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    public mutating func write(_ value: UInt8) { bytes.append(value) }

    public mutating func write(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    public mutating func write(raw: some Sequence<UInt8>) { bytes.append(contentsOf: raw) }

    public mutating func write(_ id: Identifier<some Any>) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: 32))
        bytes.withUnsafeMutableBytes { id.write(to: $0.baseAddress! + start) }
    }

    /// Unsigned LEB128.
    public mutating func write(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    public mutating func write(count: Int) { write(varint: UInt64(count)) }

    public mutating func write(string: some Collection<UInt8>) {
        write(count: string.count)
        write(raw: string)
    }

    public mutating func write(text: String) { write(string: Array(text.utf8)) }

    public mutating func write(texts: [String]) {
        write(count: texts.count)
        for text in texts { write(text: text) }
    }

    public mutating func write<Kind>(ids: [Identifier<Kind>]) {
        write(count: ids.count)
        for id in ids { write(id) }
    }
}
