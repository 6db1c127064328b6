import Synchronization
import VarveFormat
import VarveRepository
import VarveSystem

/// Reads packs whole, with two threads; no more than a frame each is in memory, and bases in the
/// frame cache.
struct PackReading {
    private let repository: Repository
    private let observer: CheckObserver

    /// So many packs are read before this machine remembers which.
    private static let packsRemembered = 256

    private struct Found {
        var remembered: CheckedPacks
        var packs = 0
        var bytes = 0
        var damaged: [(pack: IndexedPack, damage: PackCheck.Damage)] = []
    }

    struct Answer {
        var packs = 0
        var bytes = 0
        var findings: [CheckFinding] = []
        var damaged: [(pack: IndexedPack, damage: PackCheck.Damage)] = []
        /// Chunks that cannot be had from one of the packs.
        var chunks: Set<ChunkID> = []
    }

    init(_ repository: Repository, _ observer: @escaping CheckObserver) {
        self.repository = repository
        self.observer = observer
    }

    /// Reads `packs`, each with a segment that names it; `all` are those worth remembering.
    func run(
        _ packs: [(pack: IndexedPack, segment: SegmentID)], _ remembered: CheckedPacks,
        all: Set<PackID>
    ) throws -> Answer {
        observer(.reading(packs: packs.count, bytes: packs.reduce(0) { $0 + $1.pack.bytes }))
        let found = Mutex(Found(remembered: remembered))
        let next = Atomic(0)
        let failed = Atomic(false)
        let threads = min(ReadLimits.threads, max(packs.count, 1))
        try WorkerThreads.run(count: threads, name: "check") { _ in
            do {
                var check = try PackCheck(repository)
                while !failed.load(ordering: .relaxed) {
                    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard index < packs.count else { return }
                    let (pack, segment) = packs[index]
                    note(pack, try damage(of: pack, segment, &check), found, all)
                }
            } catch {
                failed.store(true, ordering: .relaxed)
                throw error
            }
        }
        found.withLock { $0.remembered.save(all) }
        return try answer(found.withLock { $0 })
    }

    /// What is wrong with a pack, and still is when the log has been read again: a base may have
    /// been moved meanwhile.
    private func damage(
        of pack: IndexedPack, _ segment: SegmentID, _ check: inout PackCheck
    ) throws -> PackCheck.Damage {
        var upheaval: UInt64?
        while true {
            let damage = try check.check(pack, in: segment)
            guard !damage.isNone else { return damage }
            try repository.refresh()
            if repository.lastUpheaval == upheaval { return damage }
            upheaval = repository.lastUpheaval
        }
    }

    private func note(
        _ pack: IndexedPack, _ damage: PackCheck.Damage, _ found: borrowing Mutex<Found>,
        _ all: Set<PackID>
    ) {
        found.withLock { found in
            found.packs += 1
            found.bytes += pack.bytes
            if damage.reasons.isEmpty {
                let now = Clock.wallNanoseconds() / 1_000_000_000
                found.remembered.note(pack.id, seconds: now)
            }
            if !damage.isNone { found.damaged.append((pack, damage)) }
            if found.packs.isMultiple(of: Self.packsRemembered) { found.remembered.save(all) }
        }
        observer(.read(bytes: pack.bytes))
    }

    private func answer(_ found: Found) throws -> Answer {
        var answer = Answer(packs: found.packs, bytes: found.bytes)
        guard !found.damaged.isEmpty else { return answer }
        // What was swept meanwhile had to go.
        try repository.refresh()
        let swept = repository.state.sweptPacks
        let condemned = repository.state.condemnedPacks
        for (pack, damage) in found.damaged.sorted(by: { $0.pack.id < $1.pack.id })
        where !swept.contains(pack.id) {
            answer.damaged.append((pack, damage))
            let findings = damage.reasons.map { CheckFinding(.damage, pack.name, $0) }
            answer.findings +=
                condemned.contains(pack.id) ? findings.map(\.ofCondemned) : findings
            answer.findings += damage.bases.sorted { $0.reason < $1.reason }
            answer.chunks.formUnion(damage.chunks)
        }
        return answer
    }
}
