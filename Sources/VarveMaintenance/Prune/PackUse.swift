public import VarveFormat

/// How much of one frame is needed.
public struct FrameUse: Sendable, Equatable {
    /// Stored bytes.
    public var bytes = 0
    public var rawBytes = 0
    public var rawBytesUsed = 0
    public var chunks = 0
    /// The positions of the chunks that are needed.
    public var used = Positions()

    public var isWhole: Bool { used.count == chunks }

    /// Of the stored bytes the share of the plain bytes that are needed.
    public var bytesUsed: Int {
        isWhole ? bytes : bytes * rawBytesUsed / max(rawBytes, 1)
    }
}

/// Some positions of a frame.
public struct Positions: Sendable, Equatable {
    /// Of the first 64 positions, which are all that most frames of data have.
    private var first: UInt64 = 0
    /// Of the others.
    private var words: [UInt64] = []
    public private(set) var count = 0

    public init() {}

    public var isEmpty: Bool { count == 0 }

    public func contains(_ position: UInt16) -> Bool {
        let (word, bit) = Self.place(position)
        if word == 0 { return first & bit != 0 }
        return word <= words.count && words[word - 1] & bit != 0
    }

    /// False when it was there.
    public mutating func insert(_ position: UInt16) -> Bool {
        guard !contains(position) else { return false }
        let (word, bit) = Self.place(position)
        while words.count < word { words.append(0) }
        if word == 0 { first |= bit } else { words[word - 1] |= bit }
        count += 1
        return true
    }

    /// False when it was not there.
    public mutating func remove(_ position: UInt16) -> Bool {
        guard contains(position) else { return false }
        let (word, bit) = Self.place(position)
        if word == 0 { first &= ~bit } else { words[word - 1] &= ~bit }
        count -= 1
        return true
    }

    private static func place(_ position: UInt16) -> (word: Int, bit: UInt64) {
        (Int(position / 64), 1 << UInt64(position % 64))
    }
}

/// How much of one pack is needed.
public struct PackUse: Sendable, Equatable {
    public var contents: PackContents
    /// By where they start.
    public var frames: [UInt32: FrameUse] = [:]

    public init(contents: PackContents) { self.contents = contents }

    public var isNeeded: Bool { frames.values.contains { !$0.used.isEmpty } }
    public var bytes: Int { frames.values.reduce(0) { $0 + $1.bytes } }
    public var bytesUsed: Int { frames.values.reduce(0) { $0 + $1.bytesUsed } }
}

/// One copy of a chunk.
public struct Copy: Sendable, Hashable {
    public var pack: PackID
    public var frame: UInt32
    public var position: UInt16
}
