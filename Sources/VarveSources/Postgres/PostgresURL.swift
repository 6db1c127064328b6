/// Where a database is: a URL of PostgreSQL's, with what the environment adds to it.
struct PostgresURL: Sendable {
    /// As the URL has them; the environment's are libpq's business.
    var options: ConnectionOptions
    /// The database's name; `*` for every database of the cluster.
    var database: String
    /// Whether the URL names it, and not the environment.
    let isDatabaseGiven: Bool
    /// Server and port as they are shown; empty for this machine's usual server.
    private let server: String

    static let everyDatabase = "*"

    /// `postgres`, `postgresql`, and both with the driver of a program behind a plus sign.
    static func isScheme(_ name: String) -> Bool {
        let plain = name.prefix { $0 != "+" }
        return plain == "postgres" || plain == "postgresql"
    }

    init(_ word: String) throws {
        let rest = word.drop { $0 != ":" }
        let hasDriver = word.prefix { $0 != ":" }.contains("+")
        guard rest.hasPrefix("://") else {
            throw SourceWordError.invalidURL(
                "postgres:...", reason: "write it like postgres://USER@HOST/DATABASE")
        }
        guard Self.hasOneAt(rest.dropFirst(3)) else {
            throw SourceWordError.invalidURL("postgres://...", reason: Self.unreadable)
        }
        let defaults = try ConnectionOptions.defaults()
        let names = Set(defaults.options.map(\.name))
        let url = hasDriver ? Self.withoutUnknown(String(rest), names) : String(rest)
        guard var options = try ConnectionOptions.parsed("postgresql" + url) else {
            throw SourceWordError.invalidURL(
                "postgres://...", reason: Self.flaw(of: url, names))
        }
        if options["service"]?.isEmpty == false {
            throw SourceWordError.invalidURL(
                "postgres://...", reason: "name the service by the variable PGSERVICE instead")
        }
        func value(_ name: String) -> String? { options[name] ?? defaults[name] }
        let user = value("user")
        isDatabaseGiven = options["dbname"]?.isEmpty == false
        database = value("dbname") ?? user ?? ""
        let host = value("host") ?? value("hostaddr") ?? ""
        let port = value("port") ?? "5432"
        let shown = Self.encoded(host)
        server = (host.contains(":") ? "[\(shown)]" : shown) + (port == "5432" ? "" : ":" + port)
        options["dbname"] = database
        self.options = options
    }

    /// The same place, another database.
    func database(_ name: String) -> PostgresURL {
        var url = self
        url.database = name
        url.options["dbname"] = name
        return url
    }

    /// What people see: neither password nor user.
    var name: String { "postgres://\(server)/\(Self.encoded(database, keeping: "*"))" }

    /// What a URL's query may not have, or what else is likely to be wrong.
    private static func flaw(of url: String, _ known: Set<String>) -> String {
        let unknown = query(of: url).parameters.map { $0.prefix { $0 != "=" } }.filter {
            !known.contains(String($0)) && $0 != "ssl"
        }
        if let first = unknown.first, !first.isEmpty {
            return "PostgreSQL knows no parameter '\(first)'"
        }
        return unreadable
    }

    private static let unreadable =
        "libpq cannot read it; in a password every character but letters and digits is written as %XX"

    /// Whether no `@` or `/` stands in a user or a password, of which a part would then be shown as a server or a
    /// database.
    private static func hasOneAt(_ url: Substring) -> Bool {
        let place = url.prefix { $0 != "?" }
        let server = place.prefix { $0 != "/" }
        return !place.dropFirst(server.count).contains("@") && server.count { $0 == "@" } <= 1
    }

    /// Drivers have parameters of their own, which are not about where the database is.
    private static func withoutUnknown(_ url: String, _ known: Set<String>) -> String {
        let (base, parameters) = query(of: url)
        let kept = parameters.filter { known.contains(String($0.prefix { $0 != "=" })) }
        return kept.isEmpty ? base : base + "?" + kept.joined(separator: "&")
    }

    private static func query(of url: String) -> (base: String, parameters: [Substring]) {
        guard let mark = url.firstIndex(of: "?") else { return (url, []) }
        return (String(url[..<mark]), url[url.index(after: mark)...].split(separator: "&"))
    }

    /// A part of a URL with everything else written as `%XX`.
    private static func encoded(_ text: String, keeping: String = "") -> String {
        let plain = Set("-._~:,".utf8).union(keeping.utf8)
        return text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                scalar.properties.isAlphabetic && scalar.isASCII
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || plain.contains(byte)
            if isPlain { return String(Character(scalar)) }
            let hex = String(byte, radix: 16, uppercase: true)
            return "%" + (hex.utf8.count == 1 ? "0" : "") + hex
        }.joined()
    }
}
