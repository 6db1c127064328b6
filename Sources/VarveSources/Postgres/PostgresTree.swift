import VarveArchive
import VarveFormat

/// One database of a PostgreSQL server, as a source.
struct PostgresTree: VirtualTree {
    let url: PostgresURL
    let options: SourceOptions

    var source: SnapshotManifest.Source {
        SnapshotManifest.Source(kind: .postgres, name: Array(url.name.utf8))
    }

    var place: [[UInt8]] { ["postgres", url.database].map { Array($0.utf8) } }

    /// The trees that a word of a command line stands for.
    static func trees(_ word: String, _ options: SourceOptions) throws -> [any VirtualTree] {
        [PostgresTree(url: try PostgresURL(word), options: options)]
    }

    func open() throws -> any VirtualTreeReading {
        throw DatabaseError("PostgreSQL databases are not read yet")
    }
}
