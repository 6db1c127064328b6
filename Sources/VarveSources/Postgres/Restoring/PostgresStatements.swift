/// Statements that make a database as another one was.
struct PostgresStatements {
    let old: PostgresManifest.Database
    /// Of the server that it is made on.
    let serverVersion: Int
    var ownership = Ownership()

    /// Makes it, empty, under a name.
    func create(_ name: String) -> String {
        var options = [
            "TEMPLATE template0", "ENCODING \(SQLText.literal(old.encoding))",
            "LC_COLLATE \(SQLText.literal(old.collate))", "LC_CTYPE \(SQLText.literal(old.ctype))",
        ]
        if serverVersion >= 150_000, let locale = old.locale {
            switch old.provider {
            case "i":
                options += ["LOCALE_PROVIDER icu", "ICU_LOCALE \(SQLText.literal(locale))"]
            case "b":
                options += ["LOCALE_PROVIDER builtin", "BUILTIN_LOCALE \(SQLText.literal(locale))"]
            default: break
            }
        }
        return "CREATE DATABASE \(SQLText.identifier(name)) WITH \(options.joined(separator: " "))"
    }

    /// What is set at the end: owner, comment, limits, settings and rights.
    func finish(_ name: String) -> [String] {
        let database = SQLText.identifier(name)
        var statements: [String] = []
        if ownership.keepsOwners {
            statements = ["ALTER DATABASE \(database) OWNER TO \(SQLText.identifier(old.owner))"]
        }
        if old.connectionLimit >= 0 {
            statements.append("ALTER DATABASE \(database) CONNECTION LIMIT \(old.connectionLimit)")
        }
        if let comment = old.comment {
            statements.append("COMMENT ON DATABASE \(database) IS \(SQLText.literal(comment))")
        }
        // What is set for a role needs the role.
        for setting in old.settings where ownership.keepsOwners || setting.role == nil {
            let start =
                setting.role.map { "ALTER ROLE \(SQLText.identifier($0)) IN DATABASE \(database)" }
                ?? "ALTER DATABASE \(database)"
            // A list is stored as it is written, each word quoted where it must be.
            let value =
                Self.lists.contains(setting.name.lowercased())
                ? setting.value : SQLText.literal(setting.value)
            statements.append(
                "\(start) SET \(Self.parameter(setting.name)) TO \(value.isEmpty ? "''" : value)")
        }
        guard ownership.keepsPrivileges, let rights = old.rights else { return statements }
        let owner = ownership.keepsOwners ? SQLText.identifier(old.owner) : "CURRENT_USER"
        statements.append("REVOKE ALL ON DATABASE \(database) FROM PUBLIC, \(owner)")
        for right in rights {
            let grantee = right.grantee.map(SQLText.identifier) ?? "PUBLIC"
            statements.append(
                "GRANT \(right.privilege) ON DATABASE \(database) TO \(grantee)"
                    + (right.grantable ? " WITH GRANT OPTION" : ""))
        }
        return statements
    }

    /// A parameter's name, which may have a prefix.
    private static func parameter(_ name: String) -> String {
        name.split(separator: ".").map { SQLText.identifier(String($0)) }.joined(separator: ".")
    }

    /// Parameters whose values are lists of names.
    private static let lists: Set<String> = [
        "search_path", "local_preload_libraries", "session_preload_libraries",
        "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories",
    ]
}
