import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("Writers at the same time")
struct WriterTests {
    @Test(
        "all succeed and lose nothing, also across the checkpoints 64 and 128",
        arguments: [(2, 4), (5, 28)])
    func together(writers: Int, rounds: Int) throws {
        let depot = try Depot()
        _ = try depot.create()
        let written = Mutex<[SnapshotID: [[UInt8]]]>([:])
        try WorkerThreads.run(count: writers, name: "writer") { writer in
            let repository = try depot.open(machine: "\(writer)")
            for round in 0..<rounds {
                // Some of it is everybody's, so that they race for the same chunks, too.
                let chunks = [
                    noise(500, seed: UInt64(round + 1)),
                    noise(300, seed: UInt64(1000 + writer * rounds + round)),
                ]
                let id = try repository.store(chunks)
                written.withLock { $0[id] = chunks }
            }
        }
        let all = written.withLock { $0 }
        #expect(all.count == writers * rounds)
        let repository = try depot.open(machine: "fresh")
        #expect(Set(repository.state.snapshots.map(\.id)) == Set(all.keys))
        for (id, chunks) in all { #expect(try repository.chunks(of: id) == chunks) }
        let records = try depot.storage.list(ObjectName.log).filter { !$0.name.hasSuffix(".copy") }
        let checkpoints = records.count / 64
        #expect(records.count == 1 + all.count + checkpoints)
        #expect(try depot.storage.list(ObjectName.states).count >= checkpoints)
    }

    @Test("see each other's snapshots after reading the log again")
    func refresh() throws {
        let depot = try Depot()
        let one = try depot.create()
        let two = try depot.open(machine: "two")
        let id = try one.store([noise(100, seed: 1)])
        #expect(two.state.snapshots.isEmpty)
        try two.refresh()
        #expect(try two.chunks(of: id) == [noise(100, seed: 1)])
    }
}
