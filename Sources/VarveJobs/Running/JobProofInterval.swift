public import VarveFormat
public import VarveMaintenance
import VarveSources

extension Job {
    /// The grade that a proof of the job's snapshots has to reach.
    private var provenLevel: ProofGrade.Level {
        guard proof.questions.isEmpty else { return .queried }
        let restores = sources.contains { if case .word = $0 { true } else { false } }
        return restores ? .restored : .read
    }

    /// Whether a run that has just taken a snapshot is to prove it; `snapshots` are those of the job on this
    /// host, and `now` is in nanoseconds since 1970.
    public func isProofDue(
        _ snapshots: [RepositoryState.SnapshotEntry], now: Int64, _ calendar: RetentionCalendar
    ) -> Bool {
        switch proof.interval {
        case nil: return false
        case .everyRun?: return true
        case .age(let age)?:
            let limit = calendar.moment(age, before: now)
            return !snapshots.contains { entry in
                let grade = entry.proofGrade
                return grade.level >= provenLevel && grade.time.map { $0 > limit } ?? false
            }
        }
    }

    /// The snapshots that the job has taken on a host.
    public func snapshots(
        of host: String, in state: RepositoryState
    ) -> [RepositoryState.SnapshotEntry] {
        state.snapshots.filter { $0.summary.host == host && $0.summary.tags.contains(jobTag) }
    }
}
