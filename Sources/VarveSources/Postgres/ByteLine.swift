/// Bytes that wait to be taken.
struct ByteLine {
    private var bytes: [UInt8] = []
    private var start = 0

    var isEmpty: Bool { start == bytes.count }

    mutating func append(_ added: some Sequence<UInt8>) { bytes.append(contentsOf: added) }

    /// Adds a row of `COPY` in text format, whose only value is a text, without its escapes.
    mutating func append(unescaping row: UnsafeRawBufferPointer) {
        var isEscaped = false
        for byte in row {
            guard isEscaped else {
                if byte == UInt8(ascii: "\\") { isEscaped = true } else { bytes.append(byte) }
                continue
            }
            isEscaped = false
            switch byte {
            case UInt8(ascii: "b"): bytes.append(8)
            case UInt8(ascii: "f"): bytes.append(12)
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "v"): bytes.append(11)
            default: bytes.append(byte)
            }
        }
    }

    /// Moves as many as there is room for.
    mutating func take(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, bytes.count - start)
        bytes.withUnsafeBytes { bytes in
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + count]))
        }
        start += count
        if isEmpty {
            bytes.removeAll(keepingCapacity: true)
            start = 0
        }
        return count
    }
}
