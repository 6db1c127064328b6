import Synchronization
import VarveArchive
import VarveFormat
import VarveMaintenance
import VarveRepository

/// What `sync` says.
final class SyncSummary: Sendable {
    private let console: Console
    private let dryRun: Bool
    let progress = Progress()
    private let planned = Atomic(0)
    /// The first status that is not 0.
    private let status = Mutex<Int32>(0)

    init(_ console: Console, dryRun: Bool) {
        self.console = console
        self.dryRun = dryRun
    }

    /// Says why there is nothing to copy.
    func nothing(_ sentence: String) throws { try console.say(sentence) }

    /// Says of a destination whether it was not there before, and what opens it.
    func begin(_ destination: OpenedDestination) throws {
        let location = Shown.text(destination.access.location)
        if destination.isImagined { try console.say("would make the repository \(location)") }
        guard let made = destination.made else { return }
        guard !console.isJSON, made.keyFile == nil else { return try made.announce(console) }
        let key = destination.access.secret == nil ? "same key" : "key that was named"
        try console.say("made the repository \(location); the \(key) opens it")
    }

    /// Says that something went wrong with one destination.
    func failed(_ location: String, _ error: any Error) {
        let failure = Failure(error)
        fail(failure.status)
        guard !console.isJSON else {
            return console.complain([
                "message_type": "error", "destination": .text(location),
                "message": .text(failure.message),
            ])
        }
        // What is wrong with all of it names it already.
        let names = failure.message.hasPrefix(location)
        console.warn(names ? failure.message : "\(Shown.text(location)): \(failure.message)")
    }

    private func fail(_ code: Int32) { status.withLock { if $0 == 0 { $0 = code } } }

    func note(_ event: SyncEvent) {
        switch event {
        case .walking: break
        case .planned(let bytes):
            let all = planned.add(bytes, ordering: .relaxed).newValue
            progress.expect(files: 0, bytes: all)
        case .read(let bytes): progress.add(bytes: bytes)
        case .copied(let id, let location):
            guard console.verbosity >= .verbose else { return }
            try? copied(id, location)
        case .skipped(let snapshot):
            guard !console.isJSON else {
                return console.complain([
                    "message_type": "error", "snapshot_id": .text(snapshot.id.hex),
                    "message": .text(snapshot.reason),
                ])
            }
            console.warn(
                "snapshot \(snapshot.id.hex.prefix(8)) was not copied, for it is damaged here: "
                    + Shown.text(snapshot.reason))
        }
    }

    private func copied(_ id: SnapshotID, _ location: String) throws {
        guard !console.isJSON else {
            return try console.emit([
                "message_type": "verbose_status", "action": "copied",
                "snapshot_id": .text(id.hex), "destination": .text(location),
            ])
        }
        try console.say("copied     \(id.hex.prefix(8))  \(Shown.text(location))")
    }

    /// What became of one destination.
    func show(_ report: SyncReport, _ plan: SyncPlan?) throws {
        if let failure = report.failure { failed(report.location, failure) }
        if !report.skipped.isEmpty { fail(Failure.incompleteStatus) }
        let gone = dryRun ? plan?.removed.map(\.id) ?? [] : report.forgotten
        guard !console.isJSON else { return try console.emit(json(report, gone)) }
        let there = report.present > 0 ? ", \(Amounts.count(report.present)) there already" : ""
        try console.say(Shown.text(report.location) + (dryRun ? " (dry run)" : ""))
        try console.say(
            "  copied   \(Amounts.count(report.copied.count, "snapshot"))\(there)")
        if report.leftOut > 0 {
            try console.say(
                "  left out \(Amounts.count(report.leftOut)) that the rules would remove")
        }
        if report.counts.frames > 0 {
            try console.say(
                "  moved    \(Amounts.bytes(report.counts.bytesAsSealed)), as it is sealed"
                    + detail(report.counts.frames, "frame"))
        }
        if report.counts.chunksAnew > 0 {
            try console.say(
                "  anew     \(dryRun ? "about " : "")\(Amounts.bytes(report.counts.bytesAnew))"
                    + detail(report.counts.chunksAnew, "chunk"))
        }
        if !gone.isEmpty {
            try console.say("  forgot   \(Amounts.count(gone.count, "snapshot"))")
        }
        if !report.isComplete, !(plan?.removed.isEmpty ?? true) {
            console.warn("nothing was forgotten at \(Shown.text(report.location)) because of that")
        }
    }

    private func detail(_ count: Int, _ noun: String) -> String {
        console.verbosity >= .verbose ? ": \(Amounts.count(count, noun))" : ""
    }

    private func json(_ report: SyncReport, _ gone: [SnapshotID]) -> JSONValue {
        let counts = report.counts
        return [
            "message_type": "summary", "destination": .text(report.location),
            "dry_run": .flag(dryRun), "snapshots_copied": .texts(report.copied.map(\.hex)),
            "snapshots_present": .integer(report.present),
            "snapshots_left_out": .integer(report.leftOut),
            "snapshots_skipped": .texts(report.skipped.map(\.id.hex)),
            "snapshots_forgotten": .texts(gone.map(\.hex)),
            "frames_copied": .integer(counts.frames),
            "bytes_as_sealed": .integer(counts.bytesAsSealed),
            "chunks_anew": .integer(counts.chunksAnew), "bytes_anew": .integer(counts.bytesAnew),
            "bytes": .integer(counts.bytes), "complete": .flag(report.isComplete),
        ]
    }

    /// Ends the command with the status of what went wrong first.
    func end() throws {
        let status = status.withLock { $0 }
        if status != 0 { throw Failure.reported(status) }
    }
}
