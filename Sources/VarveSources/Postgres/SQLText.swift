/// Parts of SQL statements.
enum SQLText {
    /// A name, quoted.
    static func identifier(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }

    /// A name in a schema, both quoted.
    static func identifier(_ schema: String, _ name: String) -> String {
        identifier(schema) + "." + identifier(name)
    }

    /// A text, quoted; `standard_conforming_strings` is on, as every session here has it.
    static func literal(_ text: String) -> String {
        "'" + text.replacing("'", with: "''") + "'"
    }
}
