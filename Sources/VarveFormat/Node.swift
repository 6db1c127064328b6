/// One entry of a directory, as it is stored.
public struct Node: Sendable, Equatable {
    public enum Kind: UInt8, Sendable {
        case directory = 1
        case file
        case symlink
        case fifo
        case characterDevice
        case blockDevice
        case socket
    }

    public struct Attribute: Sendable, Equatable {
        public var name: [UInt8]
        public var value: [UInt8]

        public init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    public struct Device: Sendable, Equatable {
        public var major: UInt64
        public var minor: UInt64

        public init(major: UInt64, minor: UInt64) {
            self.major = major
            self.minor = minor
        }
    }

    /// Bytes of data, then bytes of a hole.
    public struct Hole: Sendable, Equatable {
        public var dataBytes: Int
        public var holeBytes: Int

        public init(dataBytes: Int, holeBytes: Int) {
            self.dataBytes = dataBytes
            self.holeBytes = holeBytes
        }
    }

    public var kind: Kind
    /// Raw bytes, which need not be UTF-8.
    public var name: [UInt8]
    /// The low twelve bits.
    public var mode: UInt32 = 0
    public var uid: UInt32 = 0
    public var gid: UInt32 = 0
    /// Empty when unknown.
    public var user: [UInt8] = []
    public var group: [UInt8] = []
    /// Nanoseconds since 1970.
    public var modified: Int64 = 0
    /// Of files and directories.
    public var content: Content?
    public var target: [UInt8]?
    public var device: Device?
    public var hardLinkGroup: Int?
    public var attributes: [Attribute] = []
    public var holes: [Hole] = []
    /// Entries in the whole subtree of a directory.
    public var entriesBelow = 0
    /// Whether there may have been more in a directory, at which nobody looked.
    public var isPartial = false

    public init(kind: Kind, name: [UInt8]) {
        self.kind = kind
        self.name = name
    }

    /// A file's length, holes included.
    public var size: Int { (content?.size ?? 0) + holes.reduce(0) { $0 + $1.holeBytes } }

    public var displayName: String { String(decoding: name, as: UTF8.self) }

    /// Whether `name` may stand in a directory.
    public static func isValid(name: some Collection<UInt8>) -> Bool {
        // In one go: element by element, a generic collection is slow.
        name.withContiguousStorageIfAvailable(isValid) ?? isValid(name: Array(name))
    }

    private static func isValid(name: UnsafeBufferPointer<UInt8>) -> Bool {
        let dots = name.count <= 2 && name.allSatisfy { $0 == UInt8(ascii: ".") }
        return (1...FormatLimit.nameBytes).contains(name.count) && !dots
            && name.allSatisfy { $0 != 0 && $0 != UInt8(ascii: "/") }
    }
}
