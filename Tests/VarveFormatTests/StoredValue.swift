import TestSupport
import Testing
import VarveFormat

/// One kind of stored value: random ones of it, and what its decoder makes of bytes.
struct StoredValue: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The encoding of a random value, and whether decoding gives that value back.
    var sample: @Sendable (inout SeededNumbers) throws -> (bytes: [UInt8], decodesToItself: Bool)
    /// Decodes bytes and encodes what they held.
    var reencoded: @Sendable ([UInt8]) throws -> [UInt8]
    /// Whether a value has one encoding only.
    var isCanonical = true

    init<Value: Equatable & Sendable>(
        _ name: String, canonical: Bool = true,
        random: @escaping @Sendable (inout SeededNumbers) -> Value,
        encode: @escaping @Sendable (Value) throws -> [UInt8],
        decode: @escaping @Sendable ([UInt8]) throws -> Value
    ) {
        testDescription = name
        isCanonical = canonical
        sample = { numbers in
            let value = random(&numbers)
            let bytes = try encode(value)
            return (bytes, try decode(bytes) == value)
        }
        reencoded = { try encode(try decode($0)) }
    }

    static let all: [StoredValue] = trees + packs + logs + clearObjects
}

extension StoredValue {
    static let trees = [
        StoredValue(
            "node", canonical: false, random: { $0.node() },
            encode: { node in written { node.encode(into: &$0) } },
            decode: { try ByteReader.decode($0, Node.init) }),
        StoredValue(
            "content", random: { $0.content() },
            encode: { content in written { content.encode(into: &$0) } },
            decode: { try ByteReader.decode($0, Content.init) }),
        StoredValue(
            "stat record",
            random: { StatRecord(changed: $0.time(), inode: $0.word(), device: $0.word()) },
            encode: { record in written { record.encode(into: &$0) } },
            decode: { try ByteReader.decode($0, StatRecord.init) }),
    ]

    static let packs = [
        StoredValue(
            "frame", random: { Frame($0.frame()) }, encode: { $0.encoded },
            decode: { try Frame($0) }),
        StoredValue(
            "table of contents", random: { $0.table() },
            encode: { table in written { table.encode(into: &$0) } },
            decode: { try ByteReader.decode($0, TableOfContents.init) }),
        StoredValue(
            "segment", random: { $0.segment() }, encode: { $0.encoded },
            decode: { try Segment($0) }),
        StoredValue(
            "trailer",
            random: { _ in PackTrailer(tableOffset: 900, tableBytes: 76) },
            encode: { $0.encoded }, decode: { try PackTrailer($0, packBytes: 1000) }),
        StoredValue(
            "unit header", random: { $0.header() }, encode: { $0.encoded },
            decode: { bytes in try bytes.withUnsafeBytes { try UnitHeader($0) } }),
        StoredValue(
            "keyring", random: { $0.keyring() }, encode: { $0.encoded },
            decode: { try Keyring($0) }),
    ]

    static let logs =
        (0...11).map { kind in
            StoredValue(
                "log record \(kind)", random: { $0.record($0.event(kind)) },
                encode: { $0.encoded }, decode: { try LogRecord($0) })
        } + [
            StoredValue(
                "state", random: { $0.state() }, encode: { $0.encoded },
                decode: { try RepositoryState($0) })
        ]

    static let clearObjects = [
        StoredValue(
            "key slot", canonical: false, random: { $0.slot() }, encode: { $0.encoded() },
            decode: { json in
                guard let slot = try KeySlot(json: json) else {
                    throw FormatError.invalid("of an unknown kind")
                }
                return slot
            }),
        StoredValue(
            "descriptor", canonical: false,
            random: { RepositoryDescriptor(repository: $0.id(), checksum: $0.bytes(32)) },
            encode: { $0.encoded() }, decode: { try RepositoryDescriptor(json: $0) }),
        StoredValue(
            "manifest", canonical: false, random: { $0.manifest() }, encode: { try $0.encoded() },
            decode: { try SnapshotManifest(json: $0) }),
    ]
}

/// A frame's body, its payload all zeros.
private struct Frame: Equatable, Sendable {
    var directory: FrameDirectory
    var payload: [UInt8]

    init(_ frame: (directory: FrameDirectory, payloadBytes: Int)) {
        directory = frame.directory
        payload = [UInt8](repeating: 0, count: frame.payloadBytes)
    }

    init(_ bytes: [UInt8]) throws(FormatError) {
        self = try ByteReader.decode(bytes) { reader throws(FormatError) in
            let directory = try FrameDirectory(&reader)
            var frame = Frame((directory, 0))
            frame.payload = try reader.raw(reader.remaining)
            return frame
        }
    }

    var encoded: [UInt8] { written { directory.encode(into: &$0) } + payload }
}
