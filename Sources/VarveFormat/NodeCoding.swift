private enum Tag {
    static let content = 1
    static let target = 2
    static let device = 3
    static let hardLinkGroup = 4
    static let attribute = 5
    static let holes = 6
    static let entriesBelow = 7
    static let partial = 8
    static let optionalFrom = 128
}

/// Turns nodes into their records, in room that is used again.
struct NodeEncoder: Sendable {
    private var record = ByteWriter(reserving: 256)
    private var value = ByteWriter(reserving: 256)

    /// Appends the node's record, its length first; the node should pass `check()`.
    mutating func encode(_ node: Node, into writer: inout ByteWriter) {
        record.removeAll()
        record.write(node.kind.rawValue)
        record.write(string: node.name)
        record.write(varint: UInt64(node.mode))
        record.write(varint: UInt64(node.uid))
        record.write(varint: UInt64(node.gid))
        record.write(string: node.user)
        record.write(string: node.group)
        record.write(node.modified)
        encodeAttributes(of: node)
        writer.write(string: record.bytes)
    }

    private mutating func encodeAttributes(of node: Node) {
        if let content = node.content { add(Tag.content) { content.encode(into: &$0) } }
        if let target = node.target { add(Tag.target) { $0.write(raw: target) } }
        if let device = node.device {
            add(Tag.device) {
                $0.write(varint: device.major)
                $0.write(varint: device.minor)
            }
        }
        if let group = node.hardLinkGroup { add(Tag.hardLinkGroup) { $0.write(count: group) } }
        for attribute in node.attributes.sorted(by: {
            $0.name.lexicographicallyPrecedes($1.name)
        }) {
            add(Tag.attribute) {
                $0.write(string: attribute.name)
                $0.write(raw: attribute.value)
            }
        }
        if !node.holes.isEmpty {
            add(Tag.holes) {
                for hole in node.holes {
                    $0.write(count: hole.dataBytes)
                    $0.write(count: hole.holeBytes)
                }
            }
        }
        if node.kind == .directory { add(Tag.entriesBelow) { $0.write(count: node.entriesBelow) } }
        if node.isPartial { add(Tag.partial) { _ in } }
    }

    private mutating func add(_ tag: Int, _ body: (inout ByteWriter) -> Void) {
        value.removeAll()
        body(&value)
        record.write(UInt8(tag))
        record.write(string: value.bytes)
    }
}

extension Node {
    /// Appends the node's record, its length first; the node should pass `check()`.
    public func encode(into writer: inout ByteWriter) {
        var encoder = NodeEncoder()
        encoder.encode(self, into: &writer)
    }

    public init(_ reader: inout ByteReader) throws(FormatError) {
        try self.init(&reader, likely: ([], []))
    }

    /// Shares the names of the user and the group with those that are likely, where they are the same.
    init(
        _ reader: inout ByteReader, likely: (user: [UInt8], group: [UInt8])
    ) throws(FormatError) {
        let length = try reader.number(atMost: FormatLimit.nodeBytes)
        var record = ByteReader(try reader.take(length))
        guard let kind = Kind(rawValue: try record.byte()) else {
            throw .invalid("an entry's type is unknown")
        }
        self.init(kind: kind, name: try record.string())
        mode = UInt32(try record.number(atMost: 0o7777))
        uid = UInt32(try record.number(atMost: Int(UInt32.max)))
        gid = UInt32(try record.number(atMost: Int(UInt32.max)))
        user = try record.string(like: likely.user)
        group = try record.string(like: likely.group)
        modified = try record.integer(Int64.self)
        try decodeAttributes(&record)
        try check()
    }

    private mutating func decodeAttributes(_ record: inout ByteReader) throws(FormatError) {
        var previous = 0
        var seenEntriesBelow = false
        while record.remaining > 0 {
            let tag = Int(try record.byte())
            guard tag > previous || (tag == previous && tag == Tag.attribute) else {
                throw .invalid("an entry's attributes are out of order")
            }
            seenEntriesBelow = seenEntriesBelow || tag == Tag.entriesBelow
            previous = tag
            var value = ByteReader(try record.take(try record.count(ofBytes: 1)))
            try decode(tag: tag, &value)
            if tag < Tag.optionalFrom { try value.finish() }
        }
        guard seenEntriesBelow == (kind == .directory) else {
            throw .invalid("an entry's attributes do not fit its type")
        }
    }

    private mutating func decode(tag: Int, _ value: inout ByteReader) throws(FormatError) {
        switch tag {
        case Tag.content: content = try Content(&value)
        case Tag.target: target = try value.raw(value.remaining)
        case Tag.device: device = Device(major: try value.varint(), minor: try value.varint())
        case Tag.hardLinkGroup: hardLinkGroup = try value.number()
        case Tag.attribute:
            let name = try value.string()
            guard attributes.last.map({ $0.name.lexicographicallyPrecedes(name) }) ?? true else {
                throw .invalid("extended attributes are out of order")
            }
            attributes.append(Attribute(name: name, value: try value.raw(value.remaining)))
        case Tag.holes: holes = try Self.holes(&value)
        case Tag.entriesBelow: entriesBelow = try value.number()
        case Tag.partial: isPartial = true
        case Tag.optionalFrom...: break
        default: throw .invalid("an entry has an unknown attribute")
        }
    }

    private static func holes(_ value: inout ByteReader) throws(FormatError) -> [Hole] {
        var holes: [Hole] = []
        while value.remaining > 0 {
            let dataBytes = try value.number(atMost: FormatLimit.streamBytes)
            let holeBytes = try value.number(atMost: FormatLimit.streamBytes)
            holes.append(Hole(dataBytes: dataBytes, holeBytes: holeBytes))
        }
        guard !holes.isEmpty else { throw .invalid("a file's holes are none") }
        return holes
    }
}
