import Synchronization
import VarveFormat
public import VarveRepository
import VarveSystem

extension Repository {
    /// Says in the log of each snapshot what of it cannot be restored, and of those that are whole
    /// again that they are. Never forgets one.
    ///
    /// Where a manifest cannot be read, and the storage holds another one of the same snapshot, that
    /// is sealed anew in its place first.
    ///
    /// The index of this repository stays as the storage has it, so open it anew for other work.
    public func repairSnapshots(
        isDryRun: Bool = false, observer: @escaping RepairObserver = { _ in }
    ) throws -> SnapshotsRepairReport {
        var replaced: [SnapshotID] = []
        for _ in 0..<attemptsMax {
            var judged = try DamagedSnapshots(self, observer)
            let others = try OtherManifests(self, judged.state, of: judged.unreadable)
            if isDryRun {
                replaced = others.found.keys.sorted()
                judged.leaveOut(replaced)
            } else if !others.found.isEmpty {
                replaced += try others.replace(self)
                continue
            }
            var report = SnapshotsRepairReport(
                damaged: judged.damage.count, snapshots: judged.state.snapshots.count)
            report.replaced = replaced
            for entry in judged.state.snapshots {
                let damage = judged.damage[entry.id] ?? ""
                guard damage != entry.damage else { continue }
                if damage.isEmpty {
                    report.cleared.append(entry.id)
                } else {
                    report.marked[entry.id] = damage
                }
            }
            if try isDryRun || judged.amend(self) { return report }
        }
        throw RepositoryError.refused(
            reason: "the repository changed \(attemptsMax) times during the repair; run it again "
                + "later")
    }
}

private let attemptsMax = 10

/// What of each snapshot cannot be restored, by one state of the log.
private struct DamagedSnapshots {
    let state: RepositoryState
    private(set) var damage: [SnapshotID: String] = [:]
    /// Those whose manifests cannot be read.
    private(set) var unreadable: Set<SnapshotID> = []

    init(_ repository: Repository, _ observer: @escaping RepairObserver) throws {
        let told = Mutex<[SnapshotID: DamageText]>([:])
        _ = try repository.check(reading: .none) { event in
            switch event {
            case .found(let finding): observer(.found(finding))
            case .hit(let snapshot, let part):
                told.withLock { $0[snapshot, default: DamageText()].add(part) }
            case .reading, .read: break
            }
        }
        state = repository.state
        let texts = told.withLock { $0 }
        damage = texts.mapValues(\.text).filter { !$0.value.isEmpty }
        unreadable = Set(texts.filter { !$0.value.isReadable }.keys)
    }

    /// Says nothing of these snapshots.
    mutating func leaveOut(_ snapshots: [SnapshotID]) {
        for id in snapshots { damage[id] = nil }
    }

    /// Appends a record for each snapshot of which something else is said; false when what was
    /// judged is no longer what the log says.
    func amend(_ repository: Repository) throws -> Bool {
        for entry in state.snapshots {
            if Interrupts.isRequested { throw RepositoryError.interrupted }
            let text = damage[entry.id] ?? ""
            guard text != entry.damage else { continue }
            var isStale = false
            try repository.append { now in
                isStale =
                    now.lost != state.lost || now.swept != state.swept
                    || now.segments != state.segments
                let said = now.snapshots.first { $0.id == entry.id }?.damage
                // A snapshot may have been forgotten meanwhile.
                guard !isStale, let said, said != text else { return nil }
                return .amend(Amendment(snapshot: entry.id, change: .damage(text)))
            }
            if isStale { return false }
        }
        return true
    }
}

/// The parts of a snapshot that cannot be restored, in one line.
private struct DamageText {
    private(set) var isReadable = true
    private var count = 0
    private var first: [String] = []

    /// More are counted, and not named.
    private static let partsNamed = 5
    private static let nameBytesMax = 200

    mutating func add(_ part: DamagedPart) {
        switch part {
        case .everything: isReadable = false
        case .file(let path), .directory(let path):
            count += 1
            guard first.count < Self.partsNamed else { return }
            first.append(String(decoding: path.prefix(Self.nameBytesMax), as: UTF8.self))
        // The snapshot is restored without it.
        case .statList: break
        }
    }

    /// Empty when nothing is missing.
    var text: String {
        guard isReadable else { return "its manifest cannot be read" }
        guard count > 0 else { return "" }
        let more = count > first.count ? ", and \(count - first.count) more" : ""
        return "cannot be restored: " + first.joined(separator: ", ") + more
    }
}
