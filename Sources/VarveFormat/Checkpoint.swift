/// What the log adds up to, said at every number above 0 that is divisible by 64.
public struct Checkpoint: Sendable, Equatable {
    /// The checkpoint record before; zero when there is none.
    public var previous: RecordHash
    public var stateHash: StateBodyHash
    /// The stored state; nil when there was no room for it.
    public var state: StateID?

    public init(previous: RecordHash, stateHash: StateBodyHash, state: StateID?) {
        self.previous = previous
        self.stateHash = stateHash
        self.state = state
    }

    func encode(into writer: inout ByteWriter) {
        writer.write(previous)
        writer.write(stateHash)
        writer.write(UInt8(state == nil ? 0 : 1))
        if let state { writer.write(state) }
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        previous = try reader.identifier()
        stateHash = try reader.identifier()
        state = try reader.flag() ? try reader.identifier() : nil
    }
}

/// A state that stands for the log before it, of which some records are lost.
public struct Mend: Sendable, Equatable {
    public var state: StateID
    public var stateHash: StateBodyHash
    /// The numbers that may be missing, and mean nothing when they are there.
    public var numbers: [UInt64]

    public init(state: StateID, stateHash: StateBodyHash, numbers: [UInt64]) {
        self.state = state
        self.stateHash = stateHash
        self.numbers = numbers
    }

    func encode(into writer: inout ByteWriter) {
        writer.write(state)
        writer.write(stateHash)
        writer.write(count: numbers.count)
        for number in numbers { writer.write(varint: number) }
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        state = try reader.identifier()
        stateHash = try reader.identifier()
        numbers = try reader.list(ofBytes: 1) { reader throws(FormatError) in
            try reader.varint()
        }
    }
}
