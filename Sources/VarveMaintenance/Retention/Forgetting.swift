public import VarveFormat
public import VarveRepository

/// What became of the snapshots that were to go.
public struct ForgetReport: Sendable, Equatable {
    public var forgotten: [SnapshotID] = []
    /// Pinned or tagged anew since somebody decided that they go.
    public var spared: [SnapshotID] = []
}

extension Repository {
    /// Forgets what a plan removes, as long as all that it keeps is still there.
    public func forget(by plan: RetentionPlan) throws -> ForgetReport {
        try forget(plan.removed, relyingOn: plan.kept.map(\.id))
    }

    /// Forgets snapshots; what is gone already is no error, and what was pinned or tagged since
    /// `entries` was read is spared.
    public func forget(_ entries: [RepositoryState.SnapshotEntry]) throws -> ForgetReport {
        try forget(entries, relyingOn: [])
    }

    /// Ids of one record: half of what fits, and far more than most repositories have.
    static var recordIDsMax: Int { 4_096 }

    func forget(
        _ entries: [RepositoryState.SnapshotEntry], relyingOn kept: [SnapshotID],
        recordIDsMax: Int = Repository.recordIDsMax
    ) throws -> ForgetReport {
        var report = ForgetReport()
        for start in stride(from: 0, to: entries.count, by: recordIDsMax) {
            let batch = entries[start..<min(start + recordIDsMax, entries.count)]
            var outcome = ForgetReport()
            try append { state in
                outcome = try Self.outcome(batch, state, relyingOn: kept)
                return outcome.forgotten.isEmpty ? nil : .forget(outcome.forgotten)
            }
            report.forgotten += outcome.forgotten
            report.spared += outcome.spared
        }
        return report
    }

    private static func outcome(
        _ entries: some Sequence<RepositoryState.SnapshotEntry>, _ state: RepositoryState,
        relyingOn kept: [SnapshotID]
    ) throws -> ForgetReport {
        let present = Dictionary(state.snapshots.map { ($0.id, $0) }) { first, _ in first }
        guard kept.allSatisfy({ present[$0] != nil }) else {
            throw RepositoryError.refused(
                reason: "a snapshot that was to stay was forgotten meanwhile; run the command again"
            )
        }
        var outcome = ForgetReport()
        for entry in entries {
            guard let now = present[entry.id] else { continue }
            let isUnchanged = !now.isPinned && now.summary.tags == entry.summary.tags
            if isUnchanged {
                outcome.forgotten.append(entry.id)
            } else {
                outcome.spared.append(entry.id)
            }
        }
        return outcome
    }
}
