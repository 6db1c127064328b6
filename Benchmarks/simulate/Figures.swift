import Glibc

/// What one year took.
struct YearFigures {
    var operations: [String: [Double]] = [:]
    var recordsToOpen = 0
    var bytes = 0
    var packs = 0
    var snapshots = 0
    var records = 0
    var stateBytes = 0

    static let names = ["open", "snapshot", "forget", "prune", "restore", "check"]

    mutating func measure<Answer>(
        _ name: String, _ body: () throws -> Answer
    ) rethrows -> Answer {
        let start = processorSeconds()
        defer { operations[name, default: []].append(processorSeconds() - start) }
        return try body()
    }

    /// Milliseconds of processor time; the mean, since a prune that merges comes every few days.
    func milliseconds(_ name: String) -> Double {
        guard let samples = operations[name], !samples.isEmpty else { return 0 }
        return samples.reduce(0, +) / Double(samples.count) * 1000
    }

    static var heading: [String] {
        ["year", "snapshots", "records", "to open", "state", "stored", "packs"] + names
    }

    func row(_ year: Int) -> [String] {
        [
            "\(year)", "\(snapshots)", "\(records)", "\(recordsToOpen)",
            "\(stateBytes / 1000) kB", "\(bytes / 1000) kB", "\(packs)",
        ] + Self.names.map { rounded(milliseconds($0)) + " ms" }
    }

    /// How many times what it was in an earlier year each figure is.
    func ratios(to other: YearFigures) -> [(name: String, ratio: Double)] {
        let sizes = [
            ("stored", Double(bytes) / Double(max(other.bytes, 1))),
            ("packs", Double(packs) / Double(max(other.packs, 1))),
            ("to open", Double(recordsToOpen) / Double(max(other.recordsToOpen, 1))),
        ]
        return sizes
            + Self.names.map { ($0, milliseconds($0) / max(other.milliseconds($0), 0.001)) }
    }
}

/// Processor seconds of this process.
func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
    return Double(seconds) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}

/// With one digit behind the point.
func rounded(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
}
