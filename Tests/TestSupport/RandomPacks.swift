public import VarveFormat

extension SeededNumbers {
    /// A directory with the payload that its lengths ask for; small, as the payload is real.
    public mutating func frame() -> (directory: FrameDirectory, payloadBytes: Int) {
        let codec = element([FrameCodec.stored, .zstd, .delta])
        let directory = FrameDirectory(
            codec: codec,
            chunks: list(1...5) { numbers in
                codec == .delta
                    ? .init(
                        rawBytes: numbers.number(1...FormatLimit.chunkBytes / 4),
                        storedBytes: numbers.number(0...20), base: numbers.id())
                    : .init(rawBytes: numbers.number(1...50))
            })
        switch codec {
        case .stored: return (directory, directory.rawBytes)
        case .zstd: return (directory, 0)
        case .delta: return (directory, directory.chunks.reduce(0) { $0 + $1.storedBytes })
        }
    }

    public mutating func table() -> TableOfContents {
        var table = TableOfContents(contents: flag() ? .data : .metadata)
        for _ in 0..<number(0...3) {
            let codec = element([FrameCodec.stored, .zstd, .delta])
            table.frames.append(
                TableOfContents.Frame(
                    offset: table.frameBytes, bytes: number(UnitHeader.overhead...1 << 20),
                    tag: bytes(UnitHeader.tagBytes), codec: codec,
                    chunks: list(1...4) { $0.tableChunk(codec) }))
        }
        return table
    }

    private mutating func tableChunk(_ codec: FrameCodec) -> TableOfContents.Chunk {
        var chunk = TableOfContents.Chunk(
            id: id(), rawBytes: number(1...FormatLimit.frameRawBytes / 4), features: nil)
        if flag() {
            chunk.features = SuperFeatures(
                UInt32(truncatingIfNeeded: next()), UInt32(truncatingIfNeeded: next()),
                UInt32(truncatingIfNeeded: next()))
        }
        if codec == .delta {
            chunk.storedBytes = number(0...1 << 20)
            chunk.base = id()
        }
        return chunk
    }

    public mutating func segment() -> Segment {
        Segment(
            packs: list(0...3) { numbers in
                let table = numbers.table()
                let bytes = table.frameBytes + numbers.number(100...100_000)
                return Segment.Pack(id: numbers.id(), bytes: bytes, table: table)
            })
    }

    public mutating func keyring() -> Keyring {
        Keyring(
            id: short(), chunkerSecret: bytes(32),
            epochs: list(1...4) { numbers in
                Keyring.Epoch(created: numbers.time(), rootKey: numbers.bytes(32))
            },
            replacedKeys: list { $0.bytes(32) })
    }

    public mutating func header() -> UnitHeader {
        let kind = element(UnitKind.allCases)
        return UnitHeader(
            kind: kind, bodyBytes: number(0...kind.bodyLimit), epoch: short(), salt: bytes(32))
    }

    /// 16 random bytes as an id.
    public mutating func short<Kind>() -> ShortIdentifier<Kind> {
        while true {
            if let id = ShortIdentifier<Kind>(bytes(16)) { return id }
        }
    }
}
