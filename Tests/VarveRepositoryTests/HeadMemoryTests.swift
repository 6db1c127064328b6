import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage

@Suite("A machine that has seen a repository")
struct HeadMemoryTests {
    private func isRollback(_ error: (any Error)?) -> Bool {
        guard case .rolledBack = error as? RepositoryError else { return false }
        return true
    }

    private func error(_ body: () throws -> Void) -> (any Error)? {
        do {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test("notices that the storage was rolled back, and another machine does not")
    func rollback() throws {
        let storage = MemoryStorage()
        let depot = try Depot(storage)
        let repository = try depot.create()
        try repository.store([noise(40, seed: 1)])
        let before = storage.duplicate()
        try repository.store([noise(40, seed: 2)])
        #expect(isRollback(error { _ = try depot.open(before) }))
        #expect(try depot.open(before, machine: "two").state.snapshots.count == 1)
        #expect(try depot.open().state.snapshots.count == 2)
    }

    /// A storage that went on with one snapshot, and a copy of it that went on otherwise.
    private struct Fork {
        let storage = MemoryStorage()
        let copy: MemoryStorage
        let depot: Depot
        let repository: Repository

        init(longer: Int) throws {
            depot = try Depot(storage)
            repository = try depot.create()
            try repository.store([noise(40, seed: 1)])
            copy = storage.duplicate()
            try repository.store([noise(40, seed: 2)])
            let other = try depot.open(copy, machine: "two")
            for number in 0..<longer { try other.store([noise(40, seed: UInt64(10 + number))]) }
        }
    }

    @Test(
        "notices that the log says something else than it did, at its end or before",
        arguments: [1, 3])
    func fork(longer: Int) throws {
        let fork = try Fork(longer: longer)
        #expect(isRollback(error { _ = try fork.depot.open(fork.copy) }))
    }

    @Test("notices a fork while it has the repository open")
    func forkWhileOpen() throws {
        let fork = try Fork(longer: 3)
        for (name, bytes) in fork.copy.contents { fork.storage.overwrite(name, bytes) }
        #expect(throws: RepositoryError.self) { try fork.repository.refresh() }
    }

    @Test("notices a fork of which the storage shows its own record as a second copy")
    func mixedCopies() throws {
        let fork = try Fork(longer: 3)
        let name = ObjectName.record(2)
        fork.copy.overwrite(name + ".copy", fork.storage.contents[name] ?? [])
        #expect(isRollback(error { _ = try fork.depot.open(fork.copy) }))
    }

    @Test("remembers across checkpoints, and goes on where the log has grown")
    func growing() throws {
        let storage = MemoryStorage()
        let depot = try Depot(storage)
        let repository = try depot.create()
        try repository.store([noise(40, seed: 1)])
        let other = try depot.open(machine: "two")
        while other.state.number < 140 { try other.store([noise(40, seed: other.state.number)]) }
        #expect(try depot.open().state == other.state)
    }
}
