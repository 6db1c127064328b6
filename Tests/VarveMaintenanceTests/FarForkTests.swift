import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("A far storage that was rolled back and went another way, with all records kept here")
struct FarForkTests {
    private let scene: Scene
    private let far: FarStorage
    private let repository: Repository

    init() throws {
        scene = try Scene()
        far = FarStorage(scene.storage, staging: scene.path + "/staging")
        try scene.write("d/f", randomBytes(10_000))
        for _ in 0..<3 { try scene.snapshot(try scene.open(far)) }
        // All of them are kept now, the head too.
        repository = try scene.open(far)
        #expect(repository.state.snapshots.count == 3)
    }

    /// Takes away the records from `number` on, and lets somebody who never saw them append others.
    private func fork(at number: UInt64, appending count: Int) throws {
        for lost in number...3 {
            for copy in ["", ".copy"] {
                scene.storage.removeQuietly(ObjectName.record(lost) + copy)
            }
        }
        let other = try scene.open(machine: "other")
        for _ in 0..<count { try scene.snapshot(other) }
    }

    private func isRolledBack(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return false
        } catch RepositoryError.rolledBack {
            return true
        } catch {
            Issue.record("\(error)")
            return false
        }
    }

    @Test(
        "is an error, to a program that runs and to the next one, and nothing is appended",
        arguments: [(3, 1), (3, 2), (2, 2), (2, 3), (1, 3), (1, 5)] as [(UInt64, Int)])
    func forked(number: UInt64, count: Int) throws {
        try fork(at: number, appending: count)
        let records = scene.storage.contents.keys.filter { $0.hasPrefix(ObjectName.log) }.count
        #expect(isRolledBack { _ = try scene.open(far) })
        if Int(number) + count - 1 > 3 {
            #expect(isRolledBack { try scene.snapshot(repository) })
        } else {
            // Its listing shows nothing new, and the head that it reads once more is another one.
            #expect(throws: RepositoryError.self) { try scene.snapshot(repository) }
        }
        #expect(
            scene.storage.contents.keys.filter { $0.hasPrefix(ObjectName.log) }.count == records)
    }

    @Test("tells who has lost the memory of its head what stands there, and nothing of before")
    func forgotten() throws {
        try fork(at: 2, appending: 3)
        removeTree(scene.path + "/one-state")
        let found = try scene.open(far)
        #expect(found.state == (try scene.open(machine: "fresh").state))
        try scene.snapshot(found)
        try scene.expectWhole()
    }

    @Test("a kept record that is spoiled is read from the storage")
    func spoiled() throws {
        let directory = "\(scene.path)/one-cache/\(repository.id.hex)/objects/metadata"
        let names = try File.openDirectory(directory).entries().map {
            String(decoding: $0.name, as: UTF8.self)
        }.filter { $0.utf8.count == 20 }
        #expect(names.count == 4)
        for name in names { try File.openToWrite(directory + "/" + name).write([0]) }
        far.reset()
        #expect(try scene.open(far).state == repository.state)
        #expect(far.counts["get log/"] == 4)
        far.reset()
        _ = try scene.open(far)
        #expect(far.counts["get log/"] == 1)
    }

    @Test("a state that only this machine has left is none that others could begin with")
    func states() throws {
        let depot = try Depot()
        let far = FarStorage(depot.storage, staging: depot.path + "/staging")
        let repository = try depot.open(far)
        for _ in 0..<130 { try repository.commit() }
        let states = try depot.storage.list(ObjectName.states)
        #expect(states.count == 2)
        let newest = try #require(try repository.statesInUse())
        #expect(newest.count == 2)
        for state in states {
            let bytes = try depot.storage.get(state.name, limit: 1 << 20)
            try depot.storage.remove(state.name)
            let near = try depot.open(machine: "two").statesInUse()
            #expect(try depot.open(far).statesInUse() == near)
            #expect(near?.count == 1)
            try depot.storage.put(state.name, bytes)
        }
    }
}
