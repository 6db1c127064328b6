import FoundationEssentials

/// What `manifest.json` says of a dumped database.
struct PostgresManifest: Sendable, Equatable, Codable {
    struct Table: Sendable, Equatable, Codable {
        var schema: String
        var name: String
        /// Below `data/`.
        var file: String
        var columns: [String]
        var rows: Int
        var bytes: Int
        /// It is an extension's, and has rows of its own when the extension is created.
        var configuration: Bool?
        /// The partitioned table through which its rows come back.
        var root: Root?

        var quotedName: String { SQLText.identifier(schema, name) }
    }

    struct Root: Sendable, Equatable, Codable {
        var schema: String
        var name: String

        var quotedName: String { SQLText.identifier(schema, name) }
    }

    struct Sequence: Sendable, Equatable, Codable {
        var schema: String
        var name: String
        var value: Int
        var called: Bool
    }

    /// What belongs to the database itself, and to no schema in it.
    struct Database: Sendable, Equatable, Codable {
        var name: String
        var owner: String
        var encoding: String
        var collate: String
        var ctype: String
        /// `c`, `i` or `b`, as `pg_database` has it.
        var provider: String?
        /// The locale of a provider other than the C library.
        var locale: String?
        var tablespace: String
        var connectionLimit: Int
        var comment: String?
        var settings: [Setting]
        /// Nil when they are those of every new database.
        var rights: [Right]?
    }

    /// What a session in the database begins with.
    struct Setting: Sendable, Equatable, Codable {
        /// Nil for all.
        var role: String?
        var name: String
        var value: String
    }

    struct Right: Sendable, Equatable, Codable {
        /// Nil for everybody.
        var grantee: String?
        var privilege: String
        var grantable: Bool
    }

    static let formatVersion = 1

    var format = formatVersion
    var database: Database
    var serverVersion: Int
    var server: String
    var dumpProgram: String
    var systemIdentifier: String?
    var timeline: String?
    var lsn: String?
    /// ISO 8601, UTC.
    var snapshotTime: String
    var globals: Bool
    var tables: [Table]
    var sequences: [Sequence]
    var largeObjects: Bool

    enum CodingKeys: String, CodingKey {
        case format, database, server, timeline, lsn, globals, tables, sequences
        case serverVersion = "server_version"
        case dumpProgram = "pg_dump"
        case systemIdentifier = "system_identifier"
        case snapshotTime = "snapshot_time"
        case largeObjects = "large_objects"
    }
}

extension PostgresManifest {
    /// Sorted and indented, with a newline at the end.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    init(json: [UInt8]) throws {
        do {
            self = try JSONDecoder().decode(PostgresManifest.self, from: Data(json))
        } catch {
            throw SourceError("its manifest.json is none of a database: \(error)")
        }
        guard format <= Self.formatVersion else {
            throw SourceError("its manifest.json is of a later version of Varve")
        }
    }
}

extension PostgresManifest.Database {
    enum CodingKeys: String, CodingKey {
        case name, owner, encoding, collate, ctype, provider, locale, tablespace, comment, settings,
            rights
        case connectionLimit = "connection_limit"
    }
}
