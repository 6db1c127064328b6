import VarveCatalog
import VarveFormat

extension Repository {
    /// Bytes of a chunk that are shown when it is neither a directory nor a list.
    private static let headBytes = 64

    func chunk(_ start: String) throws -> JSONValue {
        let id = try chunk(startingWith: start)
        var reader = try ChunkReader(self)
        let places = try reader.places(id)
        let bytes = try reader.load(id)
        let catalog = try loadIndex().catalog
        let value: JSONValue = [
            "chunk": .text(id.hex), "bytes": .integer(bytes.count),
            "places": .list(
                places.map { place in
                    [
                        "pack": .text(ObjectName.pack(catalog.packID(place.pack), place.contents)),
                        "frame_offset": .integer(Int(place.frameOffset)),
                        "frame_bytes": .integer(Int(place.frameBytes)),
                        "position": .integer(Int(place.position)), "delta": .flag(place.isDelta),
                    ]
                }),
        ]
        guard places.contains(where: { $0.contents == .metadata }),
            let meaning = Self.meaning(bytes)
        else { return value.adding("head", .text(Hex.encode(bytes.prefix(Self.headBytes)))) }
        return value.adding(meaning.name, meaning.value)
    }

    /// A metadata chunk does not say what it is, so each decoder has a try.
    private static func meaning(_ bytes: [UInt8]) -> JSONValue.Field? {
        if let nodes = nodes(bytes) {
            return .init("directory", .list(nodes.map(\.json)))
        }
        if let list = list(bytes) { return .init("chunk_list", list) }
        return nil
    }

    private static func nodes(_ bytes: [UInt8]) -> [Node]? {
        var previous: [UInt8] = []
        return bytes.withUnsafeBytes { try? Directory.nodes(of: $0, after: &previous) }
    }

    private static func list(_ bytes: [UInt8]) -> JSONValue? {
        guard let depth = bytes.first, Int(depth) < FormatLimit.contentDepth,
            let covered = coveredBytes(bytes),
            let list = try? bytes.withUnsafeBytes({
                try ChunkList($0, depth: Int(depth), covering: covered)
            })
        else { return nil }
        return [
            "depth": .integer(list.depth),
            "entries": .list(list.entries.map(\.json)),
        ]
    }

    /// The sum of a list's lengths, which whoever names the list knows.
    private static func coveredBytes(_ bytes: [UInt8]) -> Int? {
        try? ByteReader.decode(bytes) { reader throws(FormatError) in
            _ = try reader.byte()
            let count = try reader.number(atMost: FormatLimit.contentEntries)
            var sum = 0
            for _ in 0..<count {
                _ = try reader.identifier(ChunkKind.self)
                sum += try reader.number(atMost: FormatLimit.streamBytes - sum)
            }
            return sum
        }
    }
}

extension Content.Entry {
    fileprivate var json: JSONValue {
        ["id": .text(id.hex), "bytes": .integer(bytes)]
    }
}

extension Node {
    fileprivate var json: JSONValue {
        var value: JSONValue = [
            "name": .text(displayName), "kind": .text("\(kind)"),
            "mode": .text(String(mode, radix: 8)), "uid": .integer(Int(uid)),
            "gid": .integer(Int(gid)), "user": .text(String(decoding: user, as: UTF8.self)),
            "group": .text(String(decoding: group, as: UTF8.self)),
            "modified": .text(Timestamp.text(nanoseconds: modified)),
        ]
        if let target {
            value = value.adding("target", .text(String(decoding: target, as: UTF8.self)))
        }
        if let hardLinkGroup { value = value.adding("hard_link_group", .integer(hardLinkGroup)) }
        if !attributes.isEmpty {
            let names = attributes.map { String(decoding: $0.name, as: UTF8.self) }
            value = value.adding("attributes", .texts(names))
        }
        if !holes.isEmpty { value = value.adding("holes", .integer(holes.count)) }
        if kind == .directory { value = value.adding("entries_below", .integer(entriesBelow)) }
        if isPartial { value = value.adding("partial", .flag(true)) }
        guard let content else { return value }
        return value.adding(
            "content",
            [
                "size": .integer(content.size), "depth": .integer(content.depth),
                "chunks": .list(content.entries.map(\.json)),
            ])
    }
}
