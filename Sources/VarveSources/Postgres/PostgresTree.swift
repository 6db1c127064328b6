import VarveArchive
import VarveFormat

/// One database of a PostgreSQL server, as a source.
struct PostgresTree: VirtualTree {
    let url: PostgresURL
    let options: SourceOptions

    var source: SnapshotManifest.Source {
        SnapshotManifest.Source(kind: .postgres, name: Array(url.name.utf8))
    }

    var place: [[UInt8]] {
        ["postgres", ObjectFileName.encoded(url.database)].map { Array($0.utf8) }
    }

    /// The trees that a word of a command line stands for.
    static func trees(_ word: String, _ options: SourceOptions) throws -> [any VirtualTree] {
        let url = try PostgresURL(word)
        guard url.database == PostgresURL.everyDatabase else {
            return [PostgresTree(url: url, options: options)]
        }
        return try databases(of: url).map { PostgresTree(url: url.database($0), options: options) }
    }

    /// The databases of a server that accept connections, but for the two that every server has as
    /// templates.
    private static func databases(of url: PostgresURL) throws -> [String] {
        let connection: PostgresConnection
        do {
            connection = try PostgresConnection(url.database("postgres"))
        } catch let error as SourceError {
            guard let other = try? PostgresConnection(url.database("template1")) else {
                throw error
            }
            connection = other
        }
        let rows = try connection.run(
            """
            SELECT datname FROM pg_catalog.pg_database
            WHERE datallowconn AND datname NOT IN ('template0', 'template1') ORDER BY 1
            """)
        return rows.compactMap { $0[0] }
    }

    func open() throws -> any VirtualTreeReading { try PostgresReading(url, options) }
}
