import TestSupport
import VarveFormat

extension Fuzzer {
    static let trees = [
        format(
            "node", random: { $0.node() }, encode: { $0.encode(into: &$1) },
            decode: { reader throws(FormatError) in try Node(&reader) }),
        format(
            "content", random: { $0.content() }, encode: { $0.encode(into: &$1) },
            decode: { reader throws(FormatError) in try Content(&reader) }),
        format(
            "stat list",
            random: { numbers in
                numbers.list {
                    StatRecord(changed: $0.time(), inode: $0.word(), device: $0.word())
                }
            },
            encode: { records, writer in for record in records { record.encode(into: &writer) } },
            decode: { reader throws(FormatError) in
                var records: [StatRecord] = []
                while reader.remaining > 0 { records.append(try StatRecord(&reader)) }
                return records
            }),
        Fuzzer(
            "directory", errors: [FormatError.self], random: { $0.nodes() }, encode: records,
            decode: { bytes in
                var previous: [UInt8] = []
                return try bytes.withUnsafeBytes { try Directory.nodes(of: $0, after: &previous) }
            }),
        Fuzzer(
            "scan of a directory", errors: [FormatError.self], random: { $0.nodes() },
            encode: records,
            decode: { bytes in
                try bytes.withUnsafeBytes { bytes throws(FormatError) in
                    var scan = try NodeScan(bytes)
                    var nodes: [Node] = []
                    while try scan.next() { nodes.append(try scan.node()) }
                    return nodes
                }
            }),
        Fuzzer(
            "chunk list", errors: [FormatError.self], random: { $0.chunkList() },
            encode: { list in
                // What names a list states its depth and length.
                written { writer in
                    writer.write(UInt8(list.depth))
                    writer.write(UInt64(list.entries.reduce(0) { $0 + $1.bytes }))
                    writer.write(raw: list.encoded)
                }
            },
            decode: { bytes in
                try bytes.withUnsafeBytes { bytes throws(FormatError) in
                    var reader = ByteReader(bytes)
                    let depth = Int(try reader.byte())
                    let length = Int(clamping: try reader.integer(UInt64.self))
                    return try ChunkList(
                        try reader.take(reader.remaining), depth: depth, covering: length)
                }
            }),
        Fuzzer(
            "references of a directory", errors: [FormatError.self],
            sample: { numbers in records(numbers.nodes(literal: true)) }, bytesPerItem: 32,
            decode: { try references(in: $0, .directory, levels: 0, covering: 0) }),
        Fuzzer(
            "references of a list", errors: [FormatError.self],
            sample: { $0.chunkList(depth: 2).encoded }, bytesPerItem: 33,
            decode: { try references(in: $0, .file, levels: 3, covering: listBytes) }),
    ]

    /// What the lists cover whose references are read.
    private static let listBytes = 3 << 20

    /// For a value that is read from the front of other bytes.
    static func format<Value: Equatable & SendableMetatype>(
        _ name: String, random: @escaping @Sendable (inout SeededNumbers) -> Value,
        encode: @escaping @Sendable (Value, inout ByteWriter) -> Void,
        decode: @escaping @Sendable (inout ByteReader) throws(FormatError) -> Value
    ) -> Fuzzer {
        Fuzzer(
            name, errors: [FormatError.self], random: random,
            encode: { value in written { encode(value, &$0) } },
            decode: { try ByteReader.decode($0, decode) })
    }

    @Sendable private static func records(_ nodes: [Node]) -> [UInt8] {
        written { writer in for node in nodes { node.encode(into: &writer) } }
    }

    private static func references(
        in bytes: [UInt8], _ stream: Reference.Stream, levels: Int, covering length: Int
    ) throws -> [Reference] {
        let reference = Reference(id: .zero, bytes: length, stream: stream, levels: levels)
        return try bytes.withUnsafeBytes { try reference.references(in: $0) }
    }
}

extension SeededNumbers {
    /// Nodes in order; with `literal`, some of them directories that hold others in themselves.
    fileprivate mutating func nodes(literal: Bool = false, depth: Int = 0) -> [Node] {
        var nodes = list(0...5) { $0.node() }
        for index in nodes.indices where literal && depth < 4 && nodes[index].kind == .directory {
            let inner = self.nodes(literal: true, depth: depth + 1)
            let records = written { writer in for node in inner { node.encode(into: &writer) } }
            guard (1...FormatLimit.literalBytes).contains(records.count) else { continue }
            nodes[index].content = Content(literal: records)
        }
        nodes.sort { $0.name.lexicographicallyPrecedes($1.name) }
        return nodes.enumerated().filter { index, node in
            index == 0 || nodes[index - 1].name != node.name
        }.map(\.element)
    }

    /// A list of this depth, of chunks that have 1 MiB each.
    fileprivate mutating func chunkList(depth: Int) -> ChunkList {
        ChunkList(
            depth: depth, entries: list(3...3) { Content.Entry(id: $0.id(), bytes: 1 << 20) })
    }
}
