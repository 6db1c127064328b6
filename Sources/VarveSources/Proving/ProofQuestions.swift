/// What is asked of a restored database, beyond that it is what it was.
public struct ProofQuestions: Sendable, Equatable {
    /// A table that has to be there, with so many rows at least.
    public struct Table: Sendable, Equatable {
        /// With or without its schema.
        public var name: String
        public var rowsMin: Int

        public init(name: String, rowsMin: Int = 0) {
            self.name = name
            self.rowsMin = rowsMin
        }

        /// Reads `NAME` or `NAME=ROWS`; nil when it is neither.
        public init?(_ word: String) {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first, !name.isEmpty else { return nil }
            self.init(name: String(name))
            guard parts.count == 2 else { return }
            guard let rows = Int(parts[1]), rows >= 0 else { return nil }
            rowsMin = rows
        }
    }

    /// A query that answers with one row of one true value.
    public struct Assertion: Sendable, Equatable {
        /// What people call it; the query itself when nil.
        public var name: String?
        public var sql: String

        public init(_ sql: String, name: String? = nil) {
            self.sql = sql
            self.name = name
        }

        var shown: String { "'\(name ?? sql)'" }
    }

    public var tables: [Table] = []
    public var assertions: [Assertion] = []
    /// The database that they are for, when a snapshot has several.
    public var database: String?

    public init() {}

    /// Asks all that `other` asks as well, of its database when none is named here.
    public mutating func add(_ other: ProofQuestions) {
        tables += other.tables
        assertions += other.assertions
        database = database ?? other.database
    }

    public var isEmpty: Bool { tables.isEmpty && assertions.isEmpty }
}
