import VarveFormat

extension TableOfContents {
    /// How much it holds; with `details`, every frame and chunk.
    func json(_ details: Bool) -> JSONValue {
        let chunks = frames.reduce(0) { $0 + $1.chunks.count }
        let rawBytes = frames.reduce(0) { $0 + $1.chunks.reduce(0) { $0 + $1.rawBytes } }
        let deltas = frames.reduce(0) { $0 + $1.chunks.count { $0.base != nil } }
        let value: JSONValue = [
            "contents": contents == .data ? "data" : "metadata",
            "frame_count": .integer(frames.count), "frame_bytes": .integer(frameBytes),
            "chunk_count": .integer(chunks), "delta_count": .integer(deltas),
            "raw_bytes": .integer(rawBytes),
        ]
        return details ? value.adding("frames", .list(frames.map(\.json))) : value
    }
}

extension TableOfContents.Frame {
    fileprivate var json: JSONValue {
        let name =
            switch codec {
            case .stored: "stored"
            case .zstd: "zstd"
            case .delta: "delta"
            }
        return [
            "offset": .integer(offset), "bytes": .integer(bytes), "codec": .text(name),
            "tag": .text(Hex.encode(tag)), "chunks": .list(chunks.map(\.json)),
        ]
    }
}

extension TableOfContents.Chunk {
    fileprivate var json: JSONValue {
        var value: JSONValue = ["id": .text(id.hex), "raw_bytes": .integer(rawBytes)]
        if let features {
            let numbers = [features.first, features.second, features.third]
            value = value.adding("features", .list(numbers.map { .integer(Int($0)) }))
        }
        guard let base else { return value }
        return value.adding("stored_bytes", .integer(storedBytes))
            .adding("base", .text(base.hex))
    }
}
