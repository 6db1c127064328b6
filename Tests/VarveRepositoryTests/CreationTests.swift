import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("Making a repository")
struct CreationTests {
    @Test("where there is one is refused and changes nothing")
    func exists() throws {
        let storage = MemoryStorage()
        let depot = try Depot(storage)
        _ = try depot.create()
        let before = storage.contents
        #expect(throws: RepositoryError.exists(location: storage.location)) {
            try depot.create()
        }
        #expect(storage.contents == before)
    }

    @Test("where there is none yet, an opener says so")
    func absent() throws {
        let depot = try Depot()
        #expect(throws: RepositoryError.absent(location: depot.storage.location)) {
            try depot.open()
        }
    }

    @Test("is finished by the next opener, or by several at once, when only two objects were made")
    func interrupted() throws {
        let storage = MemoryStorage()
        let depot = try Depot(storage)
        let made = try depot.create()
        for name in storage.contents.keys where !name.hasPrefix(ObjectName.slots) {
            if !name.hasPrefix(ObjectName.repository) { storage.removeQuietly(name) }
        }
        let opened = Mutex<[Repository]>([])
        try WorkerThreads.run(count: 6) { opener in
            let repository = try depot.open(machine: "opener \(opener)")
            opened.withLock { $0.append(repository) }
        }
        let all = opened.withLock { $0 }
        #expect(all.allSatisfy { $0.id == made.id })
        #expect(Set(all.map(\.state.keyringObject)).count == 1)
        var ids: [SnapshotID] = []
        for (number, repository) in all.enumerated() {
            ids.append(try repository.store([noise(300, seed: UInt64(number))]))
        }
        let last = try depot.open(machine: "last")
        for (number, id) in ids.enumerated() {
            #expect(try last.chunks(of: id) == [noise(300, seed: UInt64(number))])
        }
    }

    @Test("is finished with a keyring that survives a power cut, whoever made it")
    func settled() throws {
        let storage = MemoryStorage()
        let depot = try Depot(storage)
        _ = try depot.create()
        for name in storage.contents.keys where name.hasPrefix(ObjectName.log) {
            storage.removeQuietly(name)
        }
        let watched = FaultyStorage(storage)
        _ = try depot.open(watched, machine: "next")
        let settled = try #require(watched.history.firstIndex(of: "settle keyrings/"))
        let created = try #require(
            watched.history.firstIndex { $0.hasPrefix("create " + ObjectName.log) })
        #expect(settled < created)
    }

    @Test("is finished only once by two openers of which each draws keys")
    func twoKeyrings() throws {
        // The keyrings come in an order that differs from run to run.
        for _ in 0..<8 {
            let storage = MemoryStorage()
            let depot = try Depot(storage)
            _ = try depot.create()
            for name in storage.contents.keys where !name.hasPrefix(ObjectName.slots) {
                if !name.hasPrefix(ObjectName.repository) { storage.removeQuietly(name) }
            }
            let hooked = HookedStorage(storage, before: "put " + ObjectName.keyrings) {
                _ = try? depot.open(machine: "first")
            }
            let second = try depot.open(hooked, machine: "second")
            #expect(storage.contents.keys.count { $0.hasPrefix(ObjectName.keyrings) } == 4)
            let id = try second.store([noise(40, seed: 1)])
            #expect(try depot.open(machine: "third").chunks(of: id) == [noise(40, seed: 1)])
        }
    }

    @Test("is not started over where the log is gone and other objects are not")
    func logGone() throws {
        let storage = MemoryStorage()
        let depot = try Depot(storage)
        try depot.create().store([noise(40, seed: 1)])
        for name in storage.contents.keys where name.hasPrefix(ObjectName.log) {
            storage.removeQuietly(name)
        }
        let before = storage.contents
        let error = #expect(throws: RepositoryError.self) { try depot.open(machine: "two") }
        guard case .damaged(ObjectName.record(0), _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(storage.contents == before)
    }

    @Test("can be repeated or finished, whichever call to the storage failed")
    func sweep() throws {
        let whole = FaultyStorage(MemoryStorage())
        _ = try Depot(whole).create()
        // The probe's many calls are alike, so few of them will do.
        let last = whole.history.lastIndex { $0.contains("probe/") } ?? 0
        let calls = [1, 2, 3, 17, 40] + Array(last...whole.calls)
        for moment in [FaultyStorage.Moment.before, .after] {
            for call in calls {
                let base = MemoryStorage()
                let depot = try Depot(FaultyStorage(base, .once(at: call), moment: moment))
                if (try? depot.create()) == nil {
                    if base.contents[ObjectName.repository] == nil {
                        let other = try Depot(base)
                        let id = try other.create().store([noise(40, seed: 1)])
                        #expect(try other.open(machine: "b").chunks(of: id).count == 1)
                        continue
                    }
                }
                let id = try depot.open(base, machine: "a").store([noise(40, seed: 1)])
                #expect(try depot.open(base, machine: "b").chunks(of: id).count == 1)
            }
        }
    }
}
