import VarveArchive
import VarveFormat
import VarveSystem

/// An SQLite database as a source: one file, at its own path.
struct SQLiteTree: VirtualTree {
    /// Absolute, with symbolic links followed where they lead somewhere.
    let path: [UInt8]
    let options: SQLiteReadingOptions

    static func isScheme(_ name: String) -> Bool { name == "sqlite" }

    /// The tree that `sqlite:PATH` stands for; a URL has to have an absolute path: `sqlite:////PATH`.
    static func trees(_ word: String, _ options: SourceOptions) throws -> [any VirtualTree] {
        [SQLiteTree(path: try path(word), options: options.sqlite)]
    }

    /// What the name of such a source begins with.
    static let prefix = "sqlite:"

    /// The absolute path that a word names.
    static func path(_ word: String) throws -> [UInt8] {
        var path = RawText.bytes(String(word.dropFirst(prefix.count)))
        if path.starts(with: "//".utf8) {
            // Three slashes lead to a relative path by the rules of some, to an absolute one by those of others.
            guard path.starts(with: "////".utf8) else {
                throw SourceWordError.invalidURL(word, reason: "write it as sqlite:PATH")
            }
            path.removeFirst(3)
        }
        guard !path.isEmpty, path != Array(":memory:".utf8) else {
            throw SourceWordError.invalidURL(word, reason: "it names no file")
        }
        if let real = try? File.realPath(path) {
            path = real
        } else if path.first != UInt8(ascii: "/") {
            // It is missing, which is told when it is opened.
            path = try File.realPath(Array(".".utf8)) + [UInt8(ascii: "/")] + path
        }
        return path
    }

    var source: SnapshotManifest.Source {
        SnapshotManifest.Source(kind: .sqlite, name: Array(Self.prefix.utf8) + path)
    }

    var place: [[UInt8]] { path.split(separator: UInt8(ascii: "/")).map(Array.init) }
    var isDirectory: Bool { false }
    var standsForPath: Bool { true }
    var companions: [[UInt8]] { SQLiteCompanion.all }

    func open() throws -> any VirtualTreeReading {
        do {
            return try SQLiteTreeReading(path, options)
        } catch let error as SystemError {
            throw SourceError(error.isMissing ? "it does not exist" : error.reason)
        }
    }
}

/// One reading of a database that is a source.
private final class SQLiteTreeReading: VirtualTreeReading {
    let root: VirtualNode
    private let anchors: [String: String]

    var jobs: Int { 1 }

    init(_ path: [UInt8], _ options: SQLiteReadingOptions) throws {
        let database = try SQLitePinning.pin(path, options)
        let (status, length) = (database.status, database.length)
        let file = VirtualFile(expectedBytes: length) { _ in SQLiteInput(database, options) }
        var root = VirtualNode(
            [], .file(file), mode: status.mode, modified: status.mtime)
        root.likeness = try database.withFile { try VirtualLikeness($0) }
        self.root = root
        anchors = database.anchors
    }

    func finish() -> [String: String] { anchors }
}
