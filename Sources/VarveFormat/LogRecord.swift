/// One record of the commit log; its number is its name and is sealed with it, not in it.
public struct LogRecord: Sendable, Equatable {
    public static let nonceBytes = 16
    /// Every number above 0 that is divisible by this is a checkpoint.
    public static let checkpointInterval: UInt64 = 64

    /// The number of the newest checkpoint, or of record 0, that is at most `number`.
    public static func checkpoint(upTo number: UInt64) -> UInt64 {
        number - number % checkpointInterval
    }
    /// Bytes of a record before its event.
    static let headBytes = 1 + nonceBytes + 32 + 8

    /// 16 random bytes, by which a writer knows its own record again.
    public var nonce: [UInt8]
    /// The record before; zero in record 0.
    public var previous: RecordHash
    /// The writer's clock, nanoseconds since 1970; nothing is decided by it.
    public var clock: Int64
    public var event: LogEvent

    public init(nonce: [UInt8], previous: RecordHash, clock: Int64, event: LogEvent) {
        precondition(nonce.count == Self.nonceBytes)
        self.nonce = nonce
        self.previous = previous
        self.clock = clock
        self.event = event
    }

    public static func isCheckpoint(_ number: UInt64) -> Bool {
        number > 0 && number.isMultiple(of: checkpointInterval)
    }

    /// Whether the record may be written; one that does not fit is split.
    public var fits: Bool { encoded.count - Self.headBytes <= FormatLimit.recordBytes }

    public var encoded: [UInt8] {
        var writer = ByteWriter(reserving: 512)
        writer.write(event.kind)
        writer.write(raw: nonce)
        writer.write(previous)
        writer.write(clock)
        event.encode(into: &writer)
        return writer.bytes
    }

    public init(_ bytes: [UInt8]) throws(FormatError) {
        guard bytes.count <= UnitKind.record.bodyLimit else {
            throw .invalid("a log record is too long")
        }
        self = try ByteReader.decode(bytes) { reader throws(FormatError) in
            let kind = try reader.byte()
            let nonce = try reader.raw(Self.nonceBytes)
            let previous = try reader.identifier(RecordKind.self)
            let clock = try reader.integer(Int64.self)
            return LogRecord(
                nonce: nonce, previous: previous, clock: clock,
                event: try LogEvent(kind: kind, &reader))
        }
    }
}
