import Synchronization
import VarveFormat
import VarveRepository
import VarveSystem

/// Reads packs whole, with two threads; what is in memory is a frame for each, the deltas that wait,
/// and bases in the frame cache.
struct PackReading {
    private let repository: Repository
    private let observer: CheckObserver

    /// So many packs are read before this machine remembers which.
    private static let packsRemembered = 256
    /// Deltas that wait until they are applied together take about so much memory, in bytes.
    private static let waitingBytesMax = 8 << 20

    typealias NamedPack = (pack: IndexedPack, segment: SegmentID)

    /// What has been read, up to the deltas that wait.
    private struct Round {
        var next: Int
        var waiting: [WaitingDelta] = []
        var waitingBytes = 0
        /// Packs with deltas that wait, or in which something is wrong.
        var open: [(named: NamedPack, damage: PackDamage)] = []
        var faults: [ChunkFault] = []
    }

    private struct Found {
        var remembered: CheckedPacks
        var packs = 0
        var bytes = 0
        var damaged: [(pack: IndexedPack, damage: PackDamage)] = []
    }

    struct Answer {
        var packs = 0
        var bytes = 0
        var findings: [CheckFinding] = []
        var damaged: [(pack: IndexedPack, damage: PackDamage)] = []
        /// Chunks that cannot be had from one of the packs.
        var chunks: Set<ChunkID> = []
    }

    init(_ repository: Repository, _ observer: @escaping CheckObserver) {
        self.repository = repository
        self.observer = observer
    }

    /// Reads `packs`, each with a segment that names it; `all` are those worth remembering.
    func run(
        _ packs: [NamedPack], _ remembered: CheckedPacks, all: Set<PackID>
    ) throws -> Answer {
        observer(.reading(packs: packs.count, bytes: packs.reduce(0) { $0 + $1.pack.bytes }))
        let found = Mutex(Found(remembered: remembered))
        var next = 0
        while next < packs.count {
            let upheaval = repository.lastUpheaval
            let round = Mutex(Round(next: next))
            try read(packs, round) { note($0, PackDamage(), found, all) }
            try applyWaiting(round)
            let done = round.withLock { $0 }
            next = done.next
            let faults = Dictionary(grouping: done.faults, by: \.frame.pack)
            for (named, damage) in done.open {
                var damage = damage
                damage.add(faults[named.pack.id] ?? [])
                note(named.pack, try lasting(damage, of: named, since: upheaval), found, all)
            }
        }
        found.withLock { $0.remembered.save(all) }
        return try answer(found.withLock { $0 })
    }

    /// Reads packs until all are read or enough deltas wait; `whole` is told of those that are done.
    private func read(
        _ packs: [NamedPack], _ round: borrowing Mutex<Round>,
        whole: @Sendable (IndexedPack) -> Void
    ) throws {
        try work(packs.count) { check in
            let named: NamedPack? = round.withLock { round in
                guard round.next < packs.count, round.waitingBytes < Self.waitingBytesMax else {
                    return nil
                }
                round.next += 1
                return packs[round.next - 1]
            }
            guard let named else { return false }
            let (damage, waiting) = try check.read(named.pack, in: named.segment)
            if damage.isNone && waiting.isEmpty {
                whole(named.pack)
            } else {
                round.withLock { round in
                    round.waiting += waiting
                    round.waitingBytes += waiting.reduce(0) { $0 + $1.byteCount }
                    round.open.append((named, damage))
                }
            }
            return true
        }
    }

    /// Applies the deltas, those on bases in one frame by one thread and one after the other.
    private func applyWaiting(_ round: borrowing Mutex<Round>) throws {
        let waiting = round.withLock { round in
            defer { round.waiting = [] }
            return round.waiting
        }
        let groups = Dictionary(grouping: waiting, by: \.baseFrame)
            .sorted { $0.key < $1.key }.map(\.value)
        let next = Atomic(0)
        try work(groups.count) { check in
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < groups.count else { return false }
            for delta in groups[index] {
                if let fault = try check.apply(delta) {
                    round.withLock { $0.faults.append(fault) }
                }
            }
            return true
        }
    }

    /// Lets threads work until `step` says that nothing is left; `count` is how much there may be.
    private func work(
        _ count: Int, _ step: @Sendable (inout PackCheck) throws -> Bool
    ) throws {
        let failed = Atomic(false)
        let threads = min(ReadLimits.threads, max(count, 1))
        try WorkerThreads.run(count: threads, name: "check") { _ in
            do {
                var check = try PackCheck(repository)
                while try !failed.load(ordering: .relaxed) && step(&check) {}
            } catch {
                failed.store(true, ordering: .relaxed)
                throw error
            }
        }
    }

    /// What still is wrong with a pack when the log has been read again: a base may have been moved
    /// meanwhile.
    private func lasting(
        _ damage: PackDamage, of named: NamedPack, since upheaval: UInt64
    ) throws -> PackDamage {
        var (damage, upheaval) = (damage, upheaval)
        while !damage.isNone {
            try repository.refresh()
            if repository.lastUpheaval == upheaval { break }
            upheaval = repository.lastUpheaval
            var check = try PackCheck(repository)
            damage = try check.check(named.pack, in: named.segment)
        }
        return damage
    }

    private func note(
        _ pack: IndexedPack, _ damage: PackDamage, _ found: borrowing Mutex<Found>,
        _ all: Set<PackID>
    ) {
        found.withLock { found in
            found.packs += 1
            found.bytes += pack.bytes
            if damage.reasons.isEmpty {
                found.remembered.note(pack.id, at: Clock.wallNanoseconds())
            } else {
                found.remembered.forget(pack.id)
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
