import VarveFormat
import VarveMaintenance
import VarveRepository

/// Says what a prune did, or would do.
struct PruneSummary {
    private let console: Console
    /// Which prune removes what is condemned now.
    private let later: String

    init(_ console: Console, _ repository: Repository) {
        self.console = console
        let seconds = repository.state.parameters.gracePeriodSeconds
        later = seconds == 0 ? "the next prune" : "a prune in \(GracePeriod.text(seconds))"
    }

    /// Prunes as far as the defaults go, and says what became of it.
    static func prune(_ repository: Repository, _ console: Console) throws {
        let summary = PruneSummary(console, repository)
        let report = try repository.prune(PruneOptions())
        try summary.show(report)
        try summary.end(report)
    }

    func show(_ report: PruneReport) throws {
        if report.isFull {
            console.warn("there was no room to write packs anew; prune again when there is")
        }
        for damage in report.damaged { console.warn("damaged: \(damage)") }
        if report.isStopped {
            console.warn(
                "nothing is condemned or removed while snapshots need what cannot be read; run "
                    + "`varve repair packs`")
        }
        guard !console.isJSON else {
            return try console.emit([
                "message_type": "summary", "dry_run": .flag(false),
                "packs_removed": .integer(report.packsSwept),
                "bytes_removed": .integer(report.bytesSwept),
                "packs_condemned": .integer(report.packsCondemned),
                "bytes_condemned": .integer(report.bytesCondemned),
                "packs_revived": .integer(report.packsRevived),
                "bytes_written": .integer(report.bytesWritten),
                "damaged": .list(report.damaged.map { .text($0) }),
                "stopped": .flag(report.isStopped),
            ])
        }
        try say(
            removed: (report.packsSwept, report.bytesSwept),
            condemned: (report.packsCondemned, report.bytesCondemned), later: report.packsLater,
            written: report.bytesWritten, revived: report.packsRevived)
    }

    /// Ends the command with the status for damage, when there was any.
    func end(_ report: PruneReport) throws {
        if !report.damaged.isEmpty { throw Failure.reported(Failure.damagedStatus) }
    }

    /// What is still sealed under older epochs.
    func show(left old: OldEpochs) throws {
        guard !console.isJSON else {
            return try console.emit([
                "message_type": "old_epochs", "packs": .integer(old.packs),
                "bytes": .integer(old.bytes), "packs_condemned": .integer(old.packsCondemned),
                "bytes_condemned": .integer(old.bytesCondemned),
                "segments": .integer(old.segments), "manifests": .integer(old.manifests),
            ])
        }
        try console.say(
            old.isEmpty
                ? "left       nothing under older epochs"
                : "left       \(packs(old.packs)), \(Amounts.bytes(old.bytes)) under older epochs; "
                    + "run it again")
        guard old.packsCondemned > 0 else { return }
        try console.say(
            "           besides, condemned: \(packs(old.packsCondemned)), "
                + "\(Amounts.bytes(old.bytesCondemned)); \(later) removes them")
    }

    func show(_ plan: PrunePlan) throws {
        if console.isJSON, console.verbosity >= .verbose {
            for pack in plan.packs { try emit(pack) }
        }
        guard !console.isJSON else {
            return try console.emit([
                "message_type": "summary", "dry_run": .flag(true),
                "packs_removed": .integer(plan.packsRemoved),
                "bytes_removed": .integer(plan.bytesSwept),
                "packs_condemned": .integer(plan.packsCondemned),
                "bytes_condemned": .integer(plan.bytesCondemned),
                "packs_revived": .integer(plan.packs(.revived).count),
                "bytes_written": .integer(plan.bytesRewritten),
                "bytes_used": .integer(plan.bytesUsed),
                "bytes_unused": .integer(plan.bytesUnused),
                "packs_waiting": .integer(plan.packs(.waits).count),
            ])
        }
        try console.say("dry run, nothing is changed")
        try say(
            removed: (plan.packsRemoved, plan.bytesSwept),
            condemned: (plan.packsCondemned, plan.bytesCondemned), later: plan.packsLater,
            written: plan.bytesRewritten, revived: plan.packs(.revived).count)
        let waiting = plan.packs(.waits)
        if !waiting.isEmpty {
            try console.say(
                "waiting    \(packs(waiting.count)), "
                    + Amounts.bytes(waiting.reduce(0) { $0 + $1.bytes }))
        }
        try console.say(
            "used       \(Amounts.bytes(plan.bytesUsed)); \(Amounts.bytes(plan.bytesUnused)) "
                + "unused stay")
        guard console.verbosity >= .verbose else { return }
        for pack in plan.packs {
            try console.say(
                "\(pack.id.hex.prefix(8))  \(pack.contents)  \(Amounts.bytes(pack.bytes)), "
                    + "\(Amounts.bytes(pack.bytesUsed)) used: \(Self.reason(pack))")
        }
    }

    private func emit(_ pack: PrunePlan.Pack) throws {
        try console.emit([
            "message_type": "pack", "id": .text(pack.id.hex), "contents": .text("\(pack.contents)"),
            "bytes": .integer(pack.bytes), "bytes_used": .integer(pack.bytesUsed),
            "fate": .text("\(pack.fate)"), "reason": .text(Self.reason(pack)),
        ])
    }

    private func say(
        removed: (packs: Int, bytes: Int), condemned: (packs: Int, bytes: Int), later count: Int,
        written: Int, revived: Int
    ) throws {
        try console.say("removed    \(packs(removed.packs)), \(Amounts.bytes(removed.bytes))")
        let what = count == condemned.packs ? "them" : "\(count) of them"
        let after = count > 0 ? "; \(later) removes \(what)" : ""
        try console.say(
            "condemned  \(packs(condemned.packs)), \(Amounts.bytes(condemned.bytes))\(after)")
        if written > 0 { try console.say("written    \(Amounts.bytes(written)) anew") }
        if revived > 0 { try console.say("revived    \(packs(revived))") }
    }

    private func packs(_ count: Int) -> String { Amounts.count(count, "pack") }

    private static func reason(_ pack: PrunePlan.Pack) -> String {
        switch pack.fate {
        case .stays: pack.bytesUsed == pack.bytes ? "stays" : "stays, little is unused"
        case .goes: "goes, nothing in it is needed"
        case .rewritten: "is written anew, part of it is not needed"
        case .merged: "is written anew, it is short"
        case .regrouped: "is written anew, the newest snapshot is scattered"
        case .resealed: "is written anew, it is sealed under an older epoch"
        case .waits: "condemned, its time has not come"
        case .swept: "is removed"
        case .revived: "condemned, and needed after all"
        }
    }
}
