extension DumpScript.Entry {
    /// The statements, without the comment before them.
    var statement: String {
        text.split(separator: "\n").filter { !$0.hasPrefix("--") }.joined(separator: "\n")
    }

    /// The table that it makes, changes or says something about, quoted; nil when it is about something else.
    ///
    /// It is read out of the statement, for in the entry's name one part cannot be told from the next.
    var table: String? {
        var words = SQLWords(statement)
        switch type {
        case "TABLE":
            guard words.take("CREATE") else { return nil }
            _ = words.take("UNLOGGED")
            guard words.take("TABLE") else { return nil }
        case "TABLE ATTACH":
            guard words.skip(past: "PARTITION") else { return nil }
        case "COMMENT", "ACL", "SECURITY LABEL": return subject?.table
        case "DEFAULT", "CONSTRAINT", "FK CONSTRAINT", "CHECK CONSTRAINT", "ROW SECURITY":
            guard words.take("ALTER"), words.take("TABLE") else { return nil }
        case "INDEX", "TRIGGER", "POLICY":
            guard words.skip(past: "ON") else { return nil }
        case "RULE":
            guard words.skip(past: "TO") else { return nil }
        case "STATISTICS":
            guard words.skip(past: "FROM") else { return nil }
        case "PUBLICATION TABLE":
            guard words.take("ALTER"), words.skip(past: "TABLE") else { return nil }
        default: return nil
        }
        _ = words.take("ONLY")
        return words.qualifiedName()
    }

    /// What a comment, a right or a label is of.
    struct Subject: Equatable {
        /// As `TABLE`, `COLUMN` or `INDEX`.
        var kind: String
        /// Quoted, with its schema if it lies in one; of a column, the table.
        var name: String
        /// The table that it is, or is a part of.
        var table: String?
    }

    /// Nil for an entry of another type, or form.
    var subject: Subject? {
        guard ["COMMENT", "ACL", "SECURITY LABEL"].contains(type) else { return nil }
        var words = SQLWords(statement)
        guard words.skip(past: "ON"), let kind = words.word() else { return nil }
        guard var name = words.name() else { return nil }
        if words.take("."), let second = words.name() { name += "." + second }
        switch kind {
        case "TABLE", "COLUMN": return Subject(kind: kind, name: name, table: name)
        case "CONSTRAINT", "TRIGGER", "RULE", "POLICY":
            let table = words.take("ON") ? words.qualifiedName() : nil
            return Subject(kind: kind, name: name, table: table)
        default: return Subject(kind: kind, name: name, table: nil)
        }
    }
}
