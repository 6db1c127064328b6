import VarveSystem

/// What this run of the tests was asked for; see docs/TESTING.md.
public enum TestRun {
    /// Whether what takes minutes is wanted, too: `VARVE_LONG_TESTS`.
    public static let isLong = Environment.value("VARVE_LONG_TESTS") == "1"

    /// From `VARVE_SEED`, or another one every time.
    public static func seed() -> UInt64 {
        Environment.value("VARVE_SEED").flatMap { UInt64($0) } ?? .random(in: 0...UInt64.max)
    }
}
