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

    public var tables: [Table] = []
    /// Queries, each of which answers with one row of one true value.
    public var assertions: [String] = []
    /// The database that they are for, when a snapshot has several.
    public var database: String?

    public init() {}

    public var isEmpty: Bool { tables.isEmpty && assertions.isEmpty }
}
