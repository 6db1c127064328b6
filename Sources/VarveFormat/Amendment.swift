/// Something about a snapshot that is said anew after its commit.
public struct Amendment: Sendable, Equatable {
    public enum Change: Sendable, Equatable {
        case tags([String])
        /// Whether retention must keep the snapshot.
        case pin(Bool)
        case description(String)
        /// How well the snapshot is proven to restore.
        case grade(String)
        /// What of the snapshot is known to be lost.
        case damage(String)
        /// The manifest, sealed anew, that says what the one before said.
        case manifest(ManifestID)
    }

    public var snapshot: SnapshotID
    public var change: Change

    public init(snapshot: SnapshotID, change: Change) {
        self.snapshot = snapshot
        self.change = change
    }

    func encode(into writer: inout ByteWriter) {
        writer.write(snapshot)
        let (field, texts): (UInt8, [String]) =
            switch change {
            case .tags(let tags): (1, tags)
            case .pin(let isPinned): (2, [isPinned ? "1" : "0"])
            case .description(let text): (3, [text])
            case .grade(let text): (4, [text])
            case .damage(let text): (5, [text])
            case .manifest(let id): (6, [id.hex])
            }
        writer.write(field)
        writer.write(texts: texts)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        snapshot = try reader.identifier()
        let field = try reader.byte()
        change = try Self.change(field, try reader.texts())
    }

    private static func change(_ field: UInt8, _ texts: [String]) throws(FormatError) -> Change {
        if field == 1 { return .tags(texts) }
        guard texts.count == 1 else { throw .invalid("an amendment has not one value") }
        switch (field, texts[0]) {
        case (2, "1"): return .pin(true)
        case (2, "0"): return .pin(false)
        case (3, let text): return .description(text)
        case (4, let text): return .grade(text)
        case (5, let text): return .damage(text)
        case (6, let text):
            guard let id = ManifestID(hex: text) else { throw .invalid("a manifest has no id") }
            return .manifest(id)
        default: throw .invalid("an amendment's field or value is unknown")
        }
    }
}
