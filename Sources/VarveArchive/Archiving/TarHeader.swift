/// One header block of a tar archive, in the ustar format (POSIX.1-2001, pax, "ustar Interchange Format").
///
/// What does not fit a field is left out of it, for a pax record to say.
struct TarHeader {
    enum Kind: UInt8 {
        case file = 0x30
        case hardLink
        case symlink
        case characterDevice
        case blockDevice
        case directory
        case fifo
        /// Records for the next member.
        case pax = 0x78
    }

    static let blockBytes = 512
    static let nameBytesMax = 100
    /// One byte of the fields for names of users and groups ends them.
    static let ownerBytesMax = 31
    static let numberMax = 0o7777777
    static let sizeMax = 0o77777777777

    var kind: Kind
    /// Cut where the field ends.
    var name: [UInt8]
    var mode: UInt32 = 0
    var uid = 0
    var gid = 0
    /// Bytes that follow the header.
    var size = 0
    /// Seconds since 1970.
    var modified = 0
    var link: [UInt8] = []
    var user: [UInt8] = []
    var group: [UInt8] = []
    var deviceMajor = 0
    var deviceMinor = 0

    /// Zeros that bring `count` bytes to the end of a block.
    static func padding(after count: Int) -> Int { -count & (blockBytes - 1) }

    /// Appends the block.
    func encode(into bytes: inout [UInt8]) {
        let start = bytes.count
        put(name, 100, &bytes)
        put(number: Int(mode), 8, &bytes)
        put(number: uid, 8, &bytes)
        put(number: gid, 8, &bytes)
        put(number: size, 12, &bytes)
        put(number: modified, 12, &bytes)
        let checksum = bytes.count
        put(Array("        ".utf8), 8, &bytes)
        bytes.append(kind.rawValue)
        put(link, 100, &bytes)
        put(Array("ustar\u{0}00".utf8), 8, &bytes)
        put(user, 32, &bytes)
        put(group, 32, &bytes)
        put(number: deviceMajor, 8, &bytes)
        put(number: deviceMinor, 8, &bytes)
        put([], 155 + 12, &bytes)
        let sum = bytes[start...].reduce(0) { $0 + Int($1) }
        for digit in 0..<6 { bytes[checksum + digit] = Self.digit(5 - digit, of: sum) }
        bytes[checksum + 6] = 0
    }

    private func put(_ text: [UInt8], _ width: Int, _ bytes: inout [UInt8]) {
        let part = text.prefix(width)
        bytes += part
        bytes.append(contentsOf: repeatElement(0, count: width - part.count))
    }

    /// Octal digits and a zero byte; 0 for what does not fit.
    private func put(number: Int, _ width: Int, _ bytes: inout [UInt8]) {
        let fits = number >= 0 && number < 1 << (3 * (width - 1))
        for digit in 1..<width {
            bytes.append(Self.digit(width - 1 - digit, of: fits ? number : 0))
        }
        bytes.append(0)
    }

    /// The octal digit that counts `8 ** position`.
    private static func digit(_ position: Int, of number: Int) -> UInt8 {
        UInt8(ascii: "0") + UInt8(number >> (3 * position) & 7)
    }
}
