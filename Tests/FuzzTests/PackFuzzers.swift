import TestSupport
import VarveFormat

extension Fuzzer {
    static let packs = [
        format(
            "frame directory", random: { FrameBody($0.frame()) },
            encode: { frame, writer in
                frame.directory.encode(into: &writer)
                writer.write(raw: frame.payload)
            },
            decode: { reader throws(FormatError) in
                let directory = try FrameDirectory(&reader)
                return FrameBody(
                    directory: directory, payload: try reader.raw(reader.remaining))
            }),
        format(
            "table of contents", random: { $0.table() }, encode: { $0.encode(into: &$1) },
            decode: { reader throws(FormatError) in try TableOfContents(&reader) }),
        value(
            "index segment", random: { $0.segment() }, encode: { $0.encoded },
            decode: { try Segment($0) }),
        value(
            "pack trailer",
            random: { PackTrailer(tableOffset: 924, tableBytes: $0.element([52, 76])) },
            // The table ends where the trailer starts, so two lengths of packs are tried.
            encode: {
                let packBytes = $0.tableOffset + $0.tableBytes + PackTrailer.byteCount
                return $0.encoded + [packBytes == 1024 ? 1 : 0]
            },
            decode: { bytes in
                guard let last = bytes.last else { return nil }
                return try PackTrailer(bytes.dropLast(), packBytes: last == 1 ? 1024 : 1000)
            }),
        value(
            "unit header", random: { $0.header() }, encode: { $0.encoded },
            decode: { bytes in try bytes.withUnsafeBytes { try UnitHeader($0) } }),
    ]

    /// For a value that takes all its bytes.
    static func value<Value: Equatable & SendableMetatype>(
        _ name: String, random: @escaping @Sendable (inout SeededNumbers) -> Value,
        encode: @escaping @Sendable (Value) throws -> [UInt8],
        decode: @escaping @Sendable ([UInt8]) throws -> Value?
    ) -> Fuzzer {
        Fuzzer(name, errors: [FormatError.self], random: random, encode: encode, decode: decode)
    }
}

private struct FrameBody: Equatable {
    var directory: FrameDirectory
    var payload: [UInt8]

    init(directory: FrameDirectory, payload: [UInt8]) {
        self.directory = directory
        self.payload = payload
    }

    init(_ frame: (directory: FrameDirectory, payloadBytes: Int)) {
        self.init(
            directory: frame.directory, payload: [UInt8](repeating: 0, count: frame.payloadBytes))
    }
}
