import VarveArchive
import VarveFormat
import VarveRepository

/// A dumped PostgreSQL database in a snapshot.
struct PostgresDump: Sendable {
    let repository: Repository
    var manifest: PostgresManifest
    /// What of the scripts is wanted.
    var ownership = Ownership()
    /// The files of the directory itself, and those in `data`, by their names.
    private let files: [String: Node]
    private let data: [String: Node]

    /// Scripts and the manifest are held in memory, so they have a limit.
    static let scriptBytesMax = 1 << 30

    /// The dump at `path`, or the only one of the snapshot, or the one of the database `name`.
    init(
        at path: [[UInt8]], named name: String?, of entry: RepositoryState.SnapshotEntry,
        _ repository: Repository
    ) throws {
        self.repository = repository
        var tree = try SnapshotTree(repository, entry)
        var reader = try ChunkReader(repository)
        let place = try path.isEmpty ? Self.place(named: name, &tree, &reader) : path
        let shown = place.map { "/" + String(decoding: $0, as: UTF8.self) }.joined()
        guard let node = try tree.find(place), node.kind == .directory else {
            throw SourceError("\(shown) is no dump of a database")
        }
        files = try Self.nodes(of: node, &reader)
        data = try files["data"].map { try Self.nodes(of: $0, &reader) } ?? [:]
        guard let stored = files["manifest.json"], let content = stored.content else {
            throw SourceError(
                "\(shown) has no manifest.json, so it is no whole dump of a database")
        }
        let json = try reader.bytes(of: content, limit: Self.scriptBytesMax)
        manifest = try PostgresManifest(json: json)
    }

    /// Where a snapshot's dumps lie, in order.
    static func places(
        in entry: RepositoryState.SnapshotEntry, _ repository: Repository
    ) throws -> [[[UInt8]]] {
        var tree = try SnapshotTree(repository, entry)
        var reader = try ChunkReader(repository)
        guard let above = try? tree.find([root]) else { return [] }
        return try nodes(of: above, &reader).keys.sorted().map { [root, Array($0.utf8)] }
    }

    /// The directory that dumps lie in.
    private static let root = Array("postgres".utf8)

    private static func place(
        named name: String?, _ tree: inout SnapshotTree, _ reader: inout ChunkReader
    ) throws -> [[UInt8]] {
        guard let above = try? tree.find([root]) else {
            throw SourceError("the snapshot has no dump of a PostgreSQL database")
        }
        let names = try nodes(of: above, &reader).keys.sorted()
        let wanted = name.map(ObjectFileName.encoded)
        if let only = names.count == 1 ? names.first : names.first(where: { $0 == wanted }) {
            return [root, Array(only.utf8)]
        }
        throw SourceError(
            "the snapshot has several databases (\(names.joined(separator: ", "))); name one, as in "
                + "REF:/postgres/\(names.first ?? "app")")
    }

    private static func nodes(
        of directory: Node, _ reader: inout ChunkReader
    ) throws -> [String: Node] {
        let nodes = try reader.nodes(of: directory.content ?? .empty)
        return Dictionary(nodes.map { ($0.displayName, $0) }) { first, _ in first }
    }

    func has(_ name: String) -> Bool { files[name] != nil }

    /// A script of the directory, whole.
    func script(_ name: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        guard let node = files[name], node.size <= Self.scriptBytesMax else {
            throw SourceError("the dump has no \(name), or one that is too long")
        }
        bytes.reserveCapacity(node.size)
        try readFile(node, of: repository) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// A script taken apart. Names and texts without an encoding could only be guessed.
    func parsedScript(_ name: String) throws -> DumpScript {
        let bytes = try script(name)
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw SourceError(
                "\(name) has texts that are not UTF-8, of a database without an encoding (SQL_ASCII); "
                    + "restore it with `varve snapshot dump --format plain` and psql")
        }
        return DumpScript(bytes).with(ownership)
    }

    /// Lends a file of the directory, piece by piece.
    func read(_ name: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let node = files[name] else { throw SourceError("the dump has no \(name)") }
        try readFile(node, of: repository, body)
    }

    /// Lends the rows of a table, piece by piece.
    func readRows(
        of table: PostgresManifest.Table, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard let node = data[table.file], node.size == table.bytes else {
            throw SourceError(
                "the dump has other rows of \(table.schema).\(table.name) than its manifest says")
        }
        try readFile(node, of: repository, windowBytes: Self.rowWindowBytes, body)
    }

    /// Several tables are read at the same time, each into three windows.
    private static let rowWindowBytes = 6 << 20
}
