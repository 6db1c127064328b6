import FoundationEssentials

extension SnapshotManifest {
    /// A JSON object; throws when a number is out of bounds or the object is too long.
    public func encoded() throws(FormatError) -> [UInt8] {
        try check()
        return try JSONText.encode(ManifestFields(self), atMost: UnitKind.manifest.bodyLimit)
    }

    public init(json: [UInt8]) throws(FormatError) {
        let fields = try JSONText.decode(
            ManifestFields.self, from: json, atMost: UnitKind.manifest.bodyLimit)
        self = try fields.manifest()
        try check()
    }

    private func check() throws(FormatError) {
        try root.content.check()
        try statList?.check()
        guard root.entries >= 0, counts.isValid, durationSeconds >= 0, durationSeconds.isFinite
        else { throw .invalid("a number of a manifest is out of bounds") }
    }
}

private struct ManifestFields: Codable {
    struct Source: Codable {
        enum CodingKeys: String, CodingKey {
            case kind, name
            case nameBytes = "name_base64"
            case anchors
        }

        var kind: SnapshotManifest.Source.Kind
        var name: String
        /// Only when the name is not UTF-8.
        var nameBytes: Data?
        var anchors: [String: String]
    }

    struct Chunk: Codable {
        var id: String
        var length: Int
    }

    struct Stream: Codable {
        var size: Int
        var depth: Int
        /// Only of the root.
        var entries: Int?
        /// Only of the root, and only when it is.
        var partial: Bool?
        var chunks: [Chunk]
    }

    struct Origin: Codable {
        enum CodingKeys: String, CodingKey {
            case repository, number
            case commitTime = "commit_time"
        }

        var repository: String
        var number: UInt64
        var commitTime: String
    }

    enum CodingKeys: String, CodingKey {
        case id, time, host, user, sources, root
        case statList = "stat_list"
        case parent, origin, tags, description, incomplete, counts, duration, program
    }

    var id: String
    var time: String
    var host: String
    var user: String
    var sources: [Source]
    var root: Stream
    var statList: Stream?
    var parent: String?
    var origin: Origin?
    var tags: [String]
    var description: String
    var incomplete: Bool
    var counts: SnapshotManifest.Counts
    var duration: Double
    var program: String
}

extension ManifestFields {
    init(_ manifest: SnapshotManifest) {
        id = manifest.id.hex
        time = Timestamp.text(nanoseconds: manifest.time)
        host = manifest.host
        user = manifest.user
        sources = manifest.sources.map(Source.init)
        root = Stream(manifest.root.content, entries: manifest.root.entries)
        root.partial = manifest.root.isPartial ? true : nil
        statList = manifest.statList.map { Stream($0, entries: nil) }
        parent = manifest.parent?.hex
        origin = manifest.origin.map(Origin.init)
        tags = manifest.tags
        description = manifest.description
        incomplete = manifest.isIncomplete
        counts = manifest.counts
        duration = manifest.durationSeconds
        program = manifest.program
    }

    func manifest() throws(FormatError) -> SnapshotManifest {
        guard let entries = root.entries else { throw .invalid("a root has no count of entries") }
        return SnapshotManifest(
            id: try JSONText.identifier(id), time: try JSONText.time(time), host: host,
            user: user, sources: sources.map(\.source),
            root: .init(
                content: try root.content(), entries: entries, isPartial: root.partial ?? false),
            statList: try statList?.content(), parent: try parent.map(JSONText.identifier),
            origin: try origin?.origin(), tags: tags, description: description,
            isIncomplete: incomplete, counts: counts, durationSeconds: duration,
            program: program)
    }
}

extension ManifestFields.Source {
    init(_ source: SnapshotManifest.Source) {
        kind = source.kind
        name = String(decoding: source.name, as: UTF8.self)
        nameBytes = Array(name.utf8) == source.name ? nil : Data(source.name)
        anchors = source.anchors
    }

    var source: SnapshotManifest.Source {
        SnapshotManifest.Source(
            kind: kind, name: nameBytes.map(Array.init) ?? Array(name.utf8), anchors: anchors)
    }
}

extension ManifestFields.Stream {
    init(_ content: Content, entries: Int?) {
        size = content.size
        depth = content.depth
        self.entries = entries
        chunks = content.entries.map { ManifestFields.Chunk(id: $0.id.hex, length: $0.bytes) }
    }

    func content() throws(FormatError) -> Content {
        guard chunks.count <= FormatLimit.contentEntries else {
            throw .invalid("a content has too many entries")
        }
        let entries = try chunks.map { chunk throws(FormatError) in
            Content.Entry(id: try JSONText.identifier(chunk.id), bytes: chunk.length)
        }
        return Content(size: size, depth: depth, entries: entries)
    }
}

extension ManifestFields.Origin {
    init(_ origin: SnapshotManifest.Origin) {
        repository = origin.repository.hex
        number = origin.number
        commitTime = Timestamp.text(nanoseconds: origin.commitTime)
    }

    func origin() throws(FormatError) -> SnapshotManifest.Origin {
        SnapshotManifest.Origin(
            repository: try JSONText.identifier(repository), number: number,
            commitTime: try JSONText.time(commitTime))
    }
}
