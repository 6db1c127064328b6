import Synchronization
import VarveArchive
import VarveFormat
import VarveMaintenance
import VarveRepository

/// Says what a check finds, as soon as it is found, and what it came to.
final class CheckPrinter: Sendable {
    private let console: Console
    private let progress: Progress
    /// The snapshot whose parts are being told, and how many were.
    private let told = Mutex<(snapshot: SnapshotID, parts: Int)?>(nil)

    /// More parts of a snapshot than these are shown with `-v` only.
    private static let partsShown = 5

    init(_ console: Console, _ progress: Progress) {
        self.console = console
        self.progress = progress
    }

    func print(_ event: CheckEvent) {
        switch event {
        case .reading(_, let bytes): progress.expect(files: 0, bytes: bytes)
        case .read(let bytes): progress.add(bytes: bytes)
        // That nobody reads it is met at the end.
        case .found(let finding): try? show(finding)
        case .hit(let snapshot, let part): try? show(part, of: snapshot)
        }
    }

    private func show(_ finding: CheckFinding) throws {
        let isDamage = finding.weight == .damage
        guard console.isJSON else {
            let word = isDamage ? "damaged" : "warning"
            return try console.print("\(word): \(finding.object): \(finding.reason)")
        }
        try console.emit([
            "message_type": "finding", "weight": .text(isDamage ? "damage" : "warning"),
            "object": .text(finding.object), "reason": .text(finding.reason),
        ])
    }

    private func show(_ part: DamagedPart, of snapshot: SnapshotID) throws {
        let count = told.withLock { told in
            let parts = told.map { $0.snapshot == snapshot ? $0.parts : 0 } ?? 0
            told = (snapshot, parts + 1)
            return parts
        }
        guard !console.isJSON else { return try console.emit(part.json(of: snapshot)) }
        if count == 0 {
            try console.print("snapshot \(snapshot.hex.prefix(8)) cannot be restored whole:")
        }
        guard count < Self.partsShown || console.verbosity >= .verbose else { return }
        try console.print("  " + part.text)
    }

    func finish(_ report: CheckReport) throws {
        guard !console.isJSON else { return try console.emit(json(report)) }
        if console.verbosity < .verbose {
            for (snapshot, parts) in report.hits.sorted(by: { $0.key < $1.key })
            where parts > Self.partsShown {
                try console.print(
                    "snapshot \(snapshot.hex.prefix(8)): \(Amounts.count(parts - Self.partsShown)) "
                        + "more; -v shows all")
            }
        }
        guard report.isDamaged else {
            let read =
                "\(Amounts.count(report.packsRead)) of them read, "
                + Amounts.bytes(report.bytesRead)
            return try console.say(
                "no damage found: \(Amounts.count(report.snapshots, "snapshot")), "
                    + Amounts.count(report.packs, "pack")
                    + (report.packsRead > 0 ? ", " + read : ""))
        }
        console.warn(
            "damage found: \(Amounts.count(report.damages, "finding")); of "
                + "\(Amounts.count(report.snapshots, "snapshot")) "
                + "\(Amounts.count(report.hits.count)) cannot be restored whole")
    }

    private func json(_ report: CheckReport) -> JSONValue {
        [
            "message_type": "summary", "num_errors": .integer(report.damages),
            "num_warnings": .integer(report.warnings), "snapshots": .integer(report.snapshots),
            "snapshots_damaged": .texts(report.hits.keys.sorted().map(\.hex)),
            "packs": .integer(report.packs), "packs_read": .integer(report.packsRead),
            "bytes_read": .integer(report.bytesRead),
        ]
    }
}

extension DamagedPart {
    fileprivate var text: String {
        switch self {
        case .everything: "all of it: its manifest cannot be read"
        case .file(let path): Shown.path(path)
        case .directory(let path): Shown.path(path) + ": it cannot be listed to its end"
        case .statList: "only its stat list: the next snapshot reads every file again"
        }
    }

    fileprivate func json(of snapshot: SnapshotID) -> JSONValue {
        let (kind, path): (String, [UInt8]?) =
            switch self {
            case .everything: ("snapshot", nil)
            case .file(let path): ("file", path)
            case .directory(let path): ("directory", path)
            case .statList: ("stat_list", nil)
            }
        let value: JSONValue = [
            "message_type": "damaged_part", "snapshot_id": .text(snapshot.hex),
            "kind": .text(kind),
        ]
        guard let path else { return value }
        return Shown.fields("path", path).reduce(value) { $0.adding($1.name, $1.value) }
    }
}
