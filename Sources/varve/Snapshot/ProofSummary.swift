import VarveFormat
import VarveRepository
import VarveSources

/// What a proof came to, for people and for programs.
enum ProofSummary {
    /// What was looked at, source by source; failures are told apart.
    static func lines(_ report: ProofReport) -> [String] {
        report.sources.flatMap { source in
            let parts = source.checks + source.notes + (source.isRestored ? [time(source)] : [])
            return [Shown.text(source.name)] + parts.map { "  " + Shown.text($0) }
        }
    }

    private static func time(_ source: SourceProof) -> String {
        let parts = source.phases.map {
            "\($0.name) \(Amounts.duration(nanoseconds: $0.nanoseconds))"
        }
        let point = source.recoveryPoint.map { ", as of \($0)" } ?? ""
        return "recovery time \(Amounts.duration(nanoseconds: source.durationNanoseconds)) "
            + "(\(parts.joined(separator: ", ")))" + point
    }

    static func json(_ report: ProofReport) -> JSONValue {
        .list(
            report.sources.map { source in
                [
                    "source": .text(source.name), "kind": .text(source.kind.rawValue),
                    "restored": .flag(source.isRestored), "rows": .integer(source.rows),
                    "checks": .texts(source.checks), "notes": .texts(source.notes),
                    "failures": .texts(source.failures),
                    "seconds": .object(
                        source.phases.map { .init($0.name, .seconds(nanoseconds: $0.nanoseconds)) }),
                    "recovery_seconds": .seconds(nanoseconds: source.durationNanoseconds),
                    "recovery_point": .optional(source.recoveryPoint),
                ]
            })
    }
}
