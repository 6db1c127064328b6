import VarveSystem

/// Client programs of PostgreSQL's, all of one version.
struct PostgresPrograms: Sendable {
    /// Empty for those that `PATH` finds.
    let directory: String
    let version: PostgresVersion
    /// Whether `pg_dump` can be told the word that guards its script against commands in names.
    let hasRestrictKey: Bool

    /// The word that stands in stored scripts; whoever prints one puts a fresh one in its place.
    static let restrictKey = "varve"

    /// The newest programs that can dump a server of this version.
    static func find(for server: PostgresVersion) throws -> PostgresPrograms {
        let found = directories().compactMap { PostgresPrograms(in: $0) }
        guard let newest = found.max(by: { $0.version < $1.version }) else {
            throw SourceError(
                "pg_dump is not installed; install postgresql-client-\(server.major)")
        }
        // A program of the server's own version writes what that server knows.
        let same = found.filter { $0.version.major == server.major }
        let best = same.max { $0.version < $1.version } ?? newest
        guard best.version.major >= server.major else {
            throw SourceError(
                "the server is PostgreSQL \(server), and the newest pg_dump here is \(best.version); "
                    + "install postgresql-client-\(server.major)")
        }
        return best
    }

    static func directories() -> [String] {
        let root = "/usr/lib/postgresql"
        let versions = (try? File.openDirectory(root).entryNames()) ?? EntryNames()
        let packaged = (0..<versions.count).map { index in
            root + "/" + String(decoding: versions[index], as: UTF8.self) + "/bin"
        }
        let path = Environment.value("PATH")?.split(separator: ":").map(String.init) ?? []
        return packaged.reversed() + path
    }

    private init?(in directory: String) {
        self.directory = directory
        let program = directory + "/pg_dump"
        guard (try? File.status(of: program)) != nil,
            let text = try? Self.output(of: program, ["--version"]),
            let version = PostgresVersion(programVersion: text)
        else { return nil }
        self.version = version
        let help = (try? Self.output(of: program, ["--help"])) ?? ""
        hasRestrictKey = help.contains("--restrict-key")
    }

    static func output(of program: String, _ arguments: [String]) throws -> String {
        let process = try ChildProcess(program, arguments, errorOutput: .tail(bytes: 1 << 10))
        let text = try process.output.contents(limit: 1 << 20)
        guard try process.wait().isSuccess else { return "" }
        return String(decoding: text, as: UTF8.self)
    }

    /// Starts one of the programs with the server of `connection`; what else `url` says goes through the
    /// environment, so that no password is an argument.
    func start(
        _ program: String, _ arguments: [String], _ url: PostgresURL,
        _ connection: PostgresConnection
    ) throws -> ChildProcess {
        // A service would win over everything that is said by the environment, so what it says is said here.
        let hasService = Environment.value("PGSERVICE")?.isEmpty == false
        var environment: [String: String] = [:]
        if hasService {
            for option in try ConnectionOptions.defaults().given {
                if let variable = option.variable { environment[variable] = option.value }
            }
            environment["PGSERVICE"] = nil
        }
        var others: [String] = []
        for option in url.options.given where option.name != "host" && option.name != "port" {
            guard let value = option.value else { continue }
            if let variable = option.variable {
                environment[variable] = value
            } else {
                others.append("\(option.name)=\(Self.quoted(value))")
            }
        }
        // Of several servers it must be the one that the snapshot is of.
        if !connection.host.isEmpty { environment["PGHOST"] = connection.host }
        if !connection.port.isEmpty { environment["PGPORT"] = connection.port }
        environment["PGAPPNAME"] = "varve"
        environment["PGOPTIONS"] = Environment.value("PGOPTIONS") ?? ""
        var arguments = arguments + ["--no-password"]
        if !others.isEmpty { arguments.append("--dbname=" + others.joined(separator: " ")) }
        let words =
            (hasService ? ["env", "-u", "PGSERVICE"] : []) + [directory + "/" + program] + arguments
        return try ChildProcess(
            words[0], Array(words.dropFirst()), environment: environment,
            errorOutput: .tail(bytes: 4 << 10))
    }

    private static func quoted(_ value: String) -> String {
        "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
