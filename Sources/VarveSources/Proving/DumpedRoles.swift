/// Names that a dump takes for granted, because they belong to the whole server.
struct DumpedRoles {
    private(set) var roles: Set<String> = []
    private(set) var tablespaces: Set<String> = []

    /// Of a database's own properties, and of its two scripts.
    init(_ database: PostgresManifest.Database, _ scripts: [DumpScript]) {
        roles.insert(SQLText.identifier(database.owner))
        let others =
            database.settings.compactMap(\.role) + (database.rights ?? []).compactMap(\.grantee)
        roles.formUnion(others.map { SQLText.identifier($0) })
        for script in scripts {
            for entry in script.entries {
                add(entry)
            }
        }
        roles = roles.filter { !Self.isReserved($0) }
    }

    private static func isReserved(_ role: String) -> Bool {
        role.hasPrefix("\"pg_")
            || ["\"public\"", "\"PUBLIC\"", "\"SESSION_USER\"", "\"CURRENT_USER\""].contains(role)
    }

    private mutating func add(_ entry: DumpScript.Entry) {
        if let tablespace = Self.name(in: entry.settings, after: "default_tablespace"),
            tablespace != "\"\""
        {
            tablespaces.insert(tablespace)
        }
        for line in SQLLines(Array(entry.text.utf8)) where line.startsStatement {
            let text = String(decoding: line.bytes, as: UTF8.self)
            if text.hasPrefix("ALTER "), let owner = text.ranges(of: " OWNER TO ").last {
                add(list: String(text[owner.upperBound...]))
            }
            if text.hasPrefix("CREATE USER MAPPING ") { add(text, after: ["FOR"]) }
            switch entry.type {
            case "ACL" where text.hasPrefix("GRANT ") || text.hasPrefix("REVOKE "):
                add(text, after: ["TO", "FROM", "BY"])
            case "ACL" where text.hasPrefix("SET SESSION AUTHORIZATION "):
                add(text, after: ["AUTHORIZATION"])
            case "DEFAULT ACL": add(text, after: ["ROLE", "TO", "FROM"])
            case "POLICY": add(text, after: ["TO"])
            default: break
            }
        }
    }

    private static func name(in text: String, after keyword: String) -> String? {
        var words = SQLWords(text)
        guard words.skip(past: keyword), words.take("=") else { return nil }
        return words.name()
    }

    /// The names behind each of some keywords.
    private mutating func add(_ statement: String, after keywords: [String]) {
        var words = SQLWords(statement)
        while let word = words.word() {
            if keywords.contains(word) { add(list: words.rest) }
        }
    }

    private mutating func add(list: String) {
        var words = SQLWords(list)
        repeat {
            guard let name = words.name() else { return }
            roles.insert(name)
        } while words.take(",")
    }
}
