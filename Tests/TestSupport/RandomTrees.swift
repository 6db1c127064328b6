public import VarveFormat

extension SeededNumbers {
    public mutating func content() -> Content {
        let depth = number(0...FormatLimit.contentDepth)
        let entries = list(0...6) { numbers in
            let longest = depth == 0 ? FormatLimit.chunkBytes : 1 << 50
            return Content.Entry(id: numbers.id(), bytes: numbers.number(1...longest))
        }
        guard !entries.isEmpty else { return .empty }
        return Content(
            size: entries.reduce(0) { $0 + $1.bytes }, depth: depth, entries: entries)
    }

    public mutating func chunkList() -> ChunkList {
        let depth = number(0...3)
        return ChunkList(
            depth: depth,
            entries: list(1...6) { numbers in
                Content.Entry(id: numbers.id(), bytes: numbers.number(1...FormatLimit.chunkBytes))
            })
    }

    public mutating func name() -> [UInt8] {
        while true {
            let name = bytes(number(1...20))
            if Node.isValid(name: name) { return name }
        }
    }

    public mutating func node() -> Node {
        let kinds: [Node.Kind] = [
            .directory, .file, .symlink, .fifo, .characterDevice, .blockDevice, .socket,
        ]
        var node = Node(kind: element(kinds), name: name())
        node.mode = UInt32(number(0...0o7777))
        node.uid = UInt32(truncatingIfNeeded: word())
        node.gid = UInt32(truncatingIfNeeded: word())
        node.user = bytes(number(0...8))
        node.group = bytes(number(0...8))
        node.modified = time()
        switch node.kind {
        case .directory:
            node.content = content()
            node.entriesBelow = number(0...1 << 30)
            node.isPartial = flag()
        case .file:
            node.content = content()
            node.holes = holes(in: node.content?.size ?? 0)
        case .symlink: node.target = bytes(number(0...40))
        case .characterDevice, .blockDevice: node.device = .init(major: word(), minor: word())
        case .fifo, .socket: break
        }
        if node.kind != .directory, flag() { node.hardLinkGroup = number(1...1 << 20) }
        node.attributes = Set(list { $0.bytes($0.number(1...12)) })
            .sorted { $0.lexicographicallyPrecedes($1) }
            .map { Node.Attribute(name: $0, value: bytes(number(0...30))) }
        return node
    }

    private mutating func holes(in bytes: Int) -> [Node.Hole] {
        list { numbers in
            Node.Hole(
                dataBytes: numbers.number(0...bytes / 4),
                holeBytes: numbers.number(1...1 << numbers.element([10, 40, 57])))
        }
    }
}
