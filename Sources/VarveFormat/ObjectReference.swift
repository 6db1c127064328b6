/// What kind of stored object a record of the log speaks of.
public enum ObjectKind: UInt8, Sendable, CaseIterable {
    case dataPack = 1
    case metadataPack
    case segment
    case manifest
    case state
    case keyring
    case slot
}

public enum StoredObjectKind {}

/// Any stored object but a log record and `varve.json`.
public struct ObjectReference: Hashable, Sendable {
    public let kind: ObjectKind
    /// The object's id; a key slot's 16 bytes are followed by 16 zeros.
    public let id: Identifier<StoredObjectKind>

    public init(_ id: PackID, _ contents: PackContents) {
        self.init(contents == .data ? .dataPack : .metadataPack, id)
    }

    public init(_ id: SegmentID) { self.init(.segment, id) }
    public init(_ id: ManifestID) { self.init(.manifest, id) }
    public init(_ id: StateID) { self.init(.state, id) }
    public init(_ id: KeyringObjectID) { self.init(.keyring, id) }

    public init(_ id: SlotID) {
        kind = .slot
        self.id = Identifier(padding: id.bytes)
    }

    private init(_ kind: ObjectKind, _ id: Identifier<some Any>) {
        self.kind = kind
        self.id = Identifier(sameAs: id)
    }

    /// The pack, when it is one.
    public var pack: PackID? {
        kind == .dataPack || kind == .metadataPack ? PackID(sameAs: id) : nil
    }

    /// The segment, when it is one.
    public var segment: SegmentID? { kind == .segment ? SegmentID(sameAs: id) : nil }

    /// The manifest, when it is one.
    public var manifest: ManifestID? { kind == .manifest ? ManifestID(sameAs: id) : nil }

    /// The name under which the object lies in its storage.
    public var name: String {
        switch kind {
        case .dataPack: ObjectName.pack(PackID(sameAs: id), .data)
        case .metadataPack: ObjectName.pack(PackID(sameAs: id), .metadata)
        case .segment: ObjectName.segment(SegmentID(sameAs: id))
        case .manifest: ObjectName.manifest(ManifestID(sameAs: id))
        case .state: ObjectName.state(StateID(sameAs: id))
        case .keyring: ObjectName.keyring(KeyringObjectID(sameAs: id))
        case .slot: ObjectName.slots + Hex.encode(id.bytes.prefix(SlotID.byteCount))
        }
    }

    /// The least bytes that an encoded reference takes.
    static let encodedBytes = 33

    func encode(into writer: inout ByteWriter) {
        writer.write(kind.rawValue)
        writer.write(id)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        guard let kind = ObjectKind(rawValue: try reader.byte()) else {
            throw .invalid("an object is of an unknown kind")
        }
        self.kind = kind
        id = try reader.identifier()
        guard kind != .slot || id.bytes.dropFirst(SlotID.byteCount).allSatisfy({ $0 == 0 }) else {
            throw .invalid("a key slot's id is too long")
        }
    }
}
