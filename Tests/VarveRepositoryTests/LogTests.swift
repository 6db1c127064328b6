import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage

@Suite("The commit log")
struct LogTests {
    /// A repository in memory whose log ends at number `head`.
    private func log(to head: Int) throws -> (depot: Depot, storage: MemoryStorage) {
        let storage = MemoryStorage()
        let depot = try Depot(storage)
        let repository = try depot.create()
        while repository.state.number <= head {
            try repository.store([noise(40, seed: repository.state.number)])
        }
        return (depot, storage)
    }

    @Test("is read from its newest checkpoint on: one state and fewer than 64 records")
    func opening() throws {
        let (depot, storage) = try log(to: 131)
        let watched = FaultyStorage(storage)
        _ = try depot.open(watched, machine: "fresh")
        let read = watched.history.filter { $0.hasPrefix("get ") }
        #expect(read.count { $0.hasPrefix("get state/") } == 1)
        #expect(read.count { $0.hasPrefix("get log/") } == 4)
        #expect(!read.contains { $0.hasPrefix("get index/") || $0.hasPrefix("get snapshots/") })
    }

    @Test("adds a missing or damaged state up again from the checkpoint before")
    func states() throws {
        let (depot, storage) = try log(to: 131)
        let whole = try depot.open(machine: "fresh").state
        #expect(whole.number == 132)
        let names = storage.contents.keys.filter { $0.hasPrefix(ObjectName.states) }
        #expect(names.count == 2)
        for damaged in [names.prefix(1), names.suffix(1), names.prefix(2)] {
            let missing = storage.duplicate()
            let flipped = storage.duplicate()
            for name in damaged {
                missing.removeQuietly(name)
                var bytes = storage.contents[name] ?? []
                bytes[bytes.count / 2] ^= 4
                flipped.overwrite(name, bytes)
            }
            #expect(try depot.open(missing, machine: "fresh").state == whole)
            #expect(try depot.open(flipped, machine: "fresh").state == whole)
        }
    }

    @Test("without a record behind the newest checkpoint is damaged there, and nothing is appended")
    func gaps() throws {
        let (depot, storage) = try log(to: 70)
        for number in [UInt64(65), 69] {
            let name = ObjectName.record(number)
            let gap = storage.duplicate()
            gap.removeQuietly(name)
            #expect(try depot.open(gap, machine: "fresh").state.number == 71)
            gap.removeQuietly(name + ".copy")
            let before = gap.contents
            let error = #expect(throws: RepositoryError.self) {
                try depot.open(gap, machine: "\(number)").store([noise(40, seed: 1)])
            }
            guard case .damaged(name, _, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(gap.contents == before)
        }
    }

    @Test("may lack records before the newest checkpoint, whose state stands for them")
    func oldGaps() throws {
        let (depot, storage) = try log(to: 70)
        for suffix in ["", ".copy"] { storage.removeQuietly(ObjectName.record(30) + suffix) }
        #expect(try depot.open(machine: "fresh").state.number == 71)
    }

    @Test("that loses a record while it is open is not carried on behind the gap")
    func gapWhileOpen() throws {
        let (depot, storage) = try log(to: 5)
        let repository = try depot.open(machine: "fresh")
        for suffix in ["", ".copy"] { storage.removeQuietly(ObjectName.record(5) + suffix) }
        #expect(throws: RepositoryError.self) { try repository.store([noise(40, seed: 1)]) }
        #expect(storage.contents[ObjectName.record(6)] == nil)
    }

    @Test("is the same under each number only once: a record is not taken for another one")
    func places() throws {
        let (depot, storage) = try log(to: 3)
        for suffix in ["", ".copy"] {
            let second = storage.contents[ObjectName.record(2) + suffix] ?? []
            storage.overwrite(ObjectName.record(3) + suffix, second)
        }
        #expect(throws: RepositoryError.self) { try depot.open(machine: "fresh") }
    }
}
