/// What of a dump's scripts makes one table.
struct TableScript {
    /// Before and after its rows.
    private(set) var before: [String] = []
    private(set) var after: [String] = []
    /// Statements that put it into its publications, which need not be there.
    private(set) var publications: [String] = []
    /// Those that are made with it, quoted.
    private(set) var sequences: Set<String> = []
    /// What is left out, in sentences.
    private(set) var notes: [String] = []

    /// With a new name the table stands for itself: columns, checks, keys and indexes, without what ties it to
    /// others, what would act on them, or shares a sequence.
    init(
        _ table: PostgresManifest.Table, before: DumpScript, after: DumpScript, newName: String?
    ) {
        if let newName {
            addRenamed(table, before, after, newName)
        } else {
            add(table, before, after)
        }
    }

    private mutating func add(
        _ table: PostgresManifest.Table, _ before: DumpScript, _ after: DumpScript
    ) {
        let target = table.quotedName
        sequences = Self.sequences(of: table, before)
        for entry in before.entries where entry.schema == table.schema {
            let isOwn = entry.table == target
            let isSequences =
                entry.subject.map { $0.kind == "SEQUENCE" && sequences.contains($0.name) }
                ?? (["SEQUENCE", "SEQUENCE OWNED BY"].contains(entry.type)
                    && sequences.contains(SQLText.identifier(table.schema, entry.name)))
            if entry.type == "TABLE ATTACH", isOwn {
                notes.append(
                    "\(table.schema).\(table.name) is put back as a table of its own, not as a partition"
                )
                continue
            }
            guard isOwn || isSequences else { continue }
            // Rights come when those that every new table gets are taken away.
            if entry.type == "ACL" {
                self.after.append(entry.text)
            } else {
                self.before.append(entry.settings + entry.text)
            }
        }
        addAfter(table, after.entries.filter { $0.schema == table.schema })
    }

    private mutating func addAfter(
        _ table: PostgresManifest.Table, _ entries: [DumpScript.Entry]
    ) {
        // Indexes and statistics, which have names and comments of their own.
        var parts: Set<String> = []
        for entry in entries {
            guard entry.table == table.quotedName else {
                guard let subject = entry.subject, parts.contains(subject.name),
                    ["INDEX", "STATISTICS"].contains(subject.kind)
                else { continue }
                self.after.append(entry.text)
                continue
            }
            switch entry.type {
            case "PUBLICATION TABLE":
                publications.append(entry.text)
                continue
            case "INDEX", "STATISTICS": parts.insert(SQLText.identifier(table.schema, entry.name))
            case "CONSTRAINT":
                let name = String(entry.name.dropFirst(table.name.count + 1))
                parts.insert(SQLText.identifier(table.schema, name))
            default: break
            }
            self.after.append(entry.settings + entry.text)
        }
    }

    private mutating func addRenamed(
        _ table: PostgresManifest.Table, _ before: DumpScript, _ after: DumpScript,
        _ newName: String
    ) {
        let old = table.quotedName
        let new = SQLText.identifier(table.schema, newName)
        let own = before.entries.first {
            $0.type == "TABLE" && $0.table == old
        }
        if let own, let statement = Self.renamed(own.text, to: new) {
            self.before.append(own.settings + statement)
        }
        for entry in after.entries where entry.schema == table.schema {
            guard entry.type != "FK CONSTRAINT", let built = BuiltObject(entry), built.table == old
            else { continue }
            if entry.type == "INDEX" {
                let unique = entry.text.contains("CREATE UNIQUE INDEX") ? "UNIQUE " : ""
                self.after.append("CREATE \(unique)INDEX ON \(new) \(Self.first(built.rest))")
            } else {
                self.after.append("ALTER TABLE ONLY \(new) ADD \(Self.first(built.rest))")
            }
        }
        notes.append(
            "\(table.schema).\(newName) has the columns, checks, keys and indexes of \(table.name); not its "
                + "defaults from sequences, foreign keys, triggers, policies and rights")
    }

    /// The `CREATE TABLE` of an entry under another name; nil when it is something else.
    private static func renamed(_ text: String, to name: String) -> String? {
        guard let start = text.ranges(of: "CREATE ").first else { return nil }
        var words = SQLWords(String(text[start.lowerBound...]))
        guard words.take("CREATE") else { return nil }
        let kind = words.take("UNLOGGED") ? "UNLOGGED TABLE" : "TABLE"
        guard words.take("TABLE"), words.qualifiedName() != nil else { return nil }
        return "CREATE \(kind) \(name)" + first(words.rest)
    }

    /// Up to the semicolon that ends the first statement.
    private static func first(_ text: String) -> String {
        var statement: [UInt8] = []
        for line in SQLLines(Array(text.utf8)) {
            statement += line.bytes
            let isEnd = line.bytes.last { $0 != UInt8(ascii: "\n") } == UInt8(ascii: ";")
            if isEnd, SQLLines.endsPlain(statement) { break }
        }
        return String(decoding: statement, as: UTF8.self)
    }

    /// Sequences that belong to a table's columns, quoted.
    static func sequences(
        of table: PostgresManifest.Table, _ before: DumpScript
    ) -> Set<String> {
        let owned = before.entries.filter { isSequence($0, of: table) }
        return Set(owned.map { SQLText.identifier(table.schema, $0.name) })
    }

    /// Whether an entry makes a sequence that is a column's.
    private static func isSequence(
        _ entry: DumpScript.Entry, of table: PostgresManifest.Table
    ) -> Bool {
        guard entry.schema == table.schema else { return false }
        let old = table.quotedName
        var words = SQLWords(entry.statement)
        switch entry.type {
        // ALTER TABLE x ALTER COLUMN id ADD GENERATED ... AS IDENTITY
        case "SEQUENCE":
            guard words.take("ALTER"), words.take("TABLE") else { return false }
            return words.qualifiedName() == old
        // ALTER SEQUENCE s OWNED BY x.id
        case "SEQUENCE OWNED BY":
            guard words.skip(past: "OWNED"), words.take("BY") else { return false }
            return words.qualifiedName() == old
        default: return false
        }
    }
}
