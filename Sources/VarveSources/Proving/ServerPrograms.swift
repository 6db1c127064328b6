import VarveSystem

/// The programs of a PostgreSQL server, all of one version.
struct ServerPrograms: Sendable {
    private let directory: String
    let version: PostgresVersion

    func path(_ program: String) -> String { directory + "/" + program }

    /// Those that can hold what a server of this version held: its own version, else the next one that is here.
    static func find(for server: PostgresVersion) throws -> ServerPrograms {
        let found = PostgresPrograms.directories().compactMap { ServerPrograms(in: $0) }
        let best = found.filter { $0.version.major >= server.major }.min { $0.version < $1.version }
        guard let best else {
            let here = found.map(\.version).max().map { "only PostgreSQL \($0) is" }
            throw SourceError(
                "the dump is of PostgreSQL \(server), and \(here ?? "no PostgreSQL server is") installed "
                    + "here; install postgresql-\(server.major) to prove it")
        }
        return best
    }

    private init?(in directory: String) {
        self.directory = directory
        guard (try? File.status(of: directory + "/initdb")) != nil,
            let text = try? PostgresPrograms.output(of: directory + "/postgres", ["--version"]),
            let version = PostgresVersion(programVersion: text)
        else { return nil }
        self.version = version
    }
}
