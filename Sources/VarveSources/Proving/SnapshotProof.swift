public import VarveFormat

/// What came of restoring the sources of a snapshot to look at them.
public struct ProofReport: Sendable {
    public var sources: [SourceProof] = []

    public init() {}

    /// Why it is not proven; nothing when it is.
    public var failures: [String] {
        sources.flatMap { source in source.failures.map { "\(source.name): \($0)" } }
    }

    /// What was proven, given that every byte was read.
    public var level: ProofGrade.Level {
        guard failures.isEmpty else { return .stored }
        if sources.contains(where: { $0.answered > 0 }) { return .queried }
        return sources.contains(where: \.isRestored) ? .restored : .read
    }
}

/// What came of one source.
public struct SourceProof: Sendable {
    /// As the snapshot names it.
    public var name: String
    public var kind: SnapshotManifest.Source.Kind
    /// Whether it was put back, and not only read.
    public var isRestored = false
    /// What was found to be as it should, in sentences.
    public var checks: [String] = []
    /// What could not be looked at here, in sentences.
    public var notes: [String] = []
    /// What is not as it should be, in sentences.
    public var failures: [String] = []
    /// How many questions were asked and held.
    public var answered = 0
    public var rows = 0
    /// What took how long, in order.
    public var phases: [ProofPhase] = []
    /// The moment that the restored data is of, as the dump has it: ISO 8601, UTC.
    public var recoveryPoint: String?

    /// The measured recovery time.
    public var durationNanoseconds: Int64 { phases.reduce(0) { $0 + $1.nanoseconds } }

    init(name: String, kind: SnapshotManifest.Source.Kind) {
        self.name = name
        self.kind = kind
    }

    /// Holds the rows of a table that is there against those that were asked for.
    mutating func note(_ table: ProofQuestions.Table, rows: Int) {
        guard rows >= table.rowsMin else {
            failures.append(
                "the table \(table.name) has \(rows) rows, and should have \(table.rowsMin) at least"
            )
            return
        }
        answered += 1
        checks.append("table \(table.name) is there (rows: \(rows))")
    }

    mutating func note(_ assertion: ProofQuestions.Assertion, isTrue: Bool, answer: String) {
        guard isTrue else {
            failures.append("\(assertion.shown) is not true: it answered \(answer)")
            return
        }
        answered += 1
        checks.append("\(assertion.shown) is true")
    }
}

/// A part of a proof, timed.
public struct ProofPhase: Sendable {
    public var name: String
    public var nanoseconds: Int64
}
