import Synchronization
import TestSupport
import VarveFormat
import VarveStorage

@testable import VarveMaintenance
@testable import VarveRepository

/// What a session stands on when it begins, and what has become of it by its commit.
final class SessionWatch: Sendable {
    private struct Start {
        var condemned: Set<PackID> = []
        var swept: Set<PackID> = []
    }

    private let start = Mutex(Start())
    private let storage: TurnStorage
    private let conductor: Conductor
    private let ledger: Ledger
    private let began: Int64
    /// Packs of this storage's earlier sessions.
    private let before: Set<String>

    init(_ storage: TurnStorage, _ conductor: Conductor, _ ledger: Ledger) {
        self.storage = storage
        self.conductor = conductor
        self.ledger = ledger
        began = conductor.now
        before = storage.packs
    }

    func begin(_ state: RepositoryState, _ repository: Repository) {
        let swept = repository.log.view.swept
        start.withLock { $0 = Start(condemned: state.condemnedPacks, swept: swept) }
    }

    /// What it has put must not be condemned within a day.
    func check(_ repository: Repository) {
        guard conductor.now - began < 86_400 else { return }
        let gone = repository.goingPacks
        let own = storage.packs.subtracting(before)
        if own.contains(where: { name in gone.contains { name.hasSuffix($0.hex) } }) {
            ledger.breaks("what a writer has just written was condemned")
        }
    }

    /// It is overtaken by what had not been condemned when it began.
    func isOvertaken(_ repository: Repository) {
        ledger.overtake()
        let isExpected = start.withLock { start in
            repository.goingPacks.subtracting(start.swept).isSubset(of: start.condemned)
        }
        if isExpected { ledger.breaks("a writer relied on what was condemned before it began") }
    }
}

extension Repository {
    /// Packs that are condemned, or of which it has ever read that they were swept.
    fileprivate var goingPacks: Set<PackID> { state.condemnedPacks.union(log.view.swept) }
}

/// One that takes snapshots; when it is overtaken it tries again, as `snapshot create` does.
struct WritingActor: Sendable {
    let storage: TurnStorage
    let conductor: Conductor
    let ledger: Ledger
    let snapshots: [[[UInt8]]]

    func run(_ open: () throws -> Repository) {
        guard let repository = Self.attempt(open) else { return }
        for chunks in snapshots { take(chunks, repository) }
    }

    /// Opening may fail like anything else.
    private static func attempt(_ open: () throws -> Repository) -> Repository? {
        for _ in 0..<4 {
            if let repository = try? open() { return repository }
        }
        return nil
    }

    private func take(_ chunks: [[UInt8]], _ repository: Repository) {
        for _ in 0..<3 {
            let watch = SessionWatch(storage, conductor, ledger)
            do {
                return try repository.store(chunks, ledger, watching: watch)
            } catch RepositoryError.overtaken {
                try? repository.refresh()
                watch.isOvertaken(repository)
            } catch {
                return
            }
        }
    }
}

/// One that forgets and prunes.
struct MaintainingActor: Sendable {
    let ledger: Ledger
    let runs: Int
    let isImmediate: Bool
    let rewrites: Bool
    let seed: UInt64

    func run(_ open: () throws -> Repository) {
        var random = SeededNumbers(seed)
        for _ in 0..<runs {
            // Each is a run of the command, and each may fail.
            guard let repository = try? open() else { continue }
            try? forget(repository, &random)
            var options = PruneOptions()
            options.isImmediate = isImmediate
            options.unusedMax = rewrites ? .percent(0) : .unlimited
            do {
                _ = try repository.prune(options)
            } catch RepositoryError.damaged(let object, let reason, _) {
                ledger.breaks("a prune found damage: \(object): \(reason)")
            } catch {}
        }
    }

    private func forget(_ repository: Repository, _ random: inout SeededNumbers) throws {
        let gone = repository.state.snapshots.map(\.id).filter { _ in random.next() % 2 == 0 }
        guard !gone.isEmpty else { return }
        ledger.forget(gone)
        try repository.append { _ in .forget(gone) }
    }
}
