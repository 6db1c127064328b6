import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("Two processes of one machine")
struct SharedMachineTests {
    @Test("do not take what the other appends while one opens for a rollback")
    func appendDuringOpening() throws {
        let depot = try Depot()
        let repository = try depot.create()
        let hooked = HookedStorage(depot.storage, before: "get log/") {
            _ = try? repository.store([noise(40, seed: 1)])
        }
        let late = try depot.open(hooked)
        #expect(repository.state.number == late.state.number + 1)
        // The later head is still what the machine remembers.
        let files = try File.openDirectory(depot.path + "/one-state/heads").entries()
        let name = String(decoding: try #require(files.first).name, as: UTF8.self)
        let bytes = try File.contents(of: depot.path + "/one-state/heads/" + name, limit: 256)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("\(repository.state.number - 1) "))
        #expect(files.count == 1)
    }

    @Test("take snapshots side by side with one cache and one memory")
    func together() throws {
        let (writers, rounds) = (3, 12)
        let depot = try Depot()
        _ = try depot.create()
        try WorkerThreads.run(count: writers, name: "writer") { writer in
            for round in 0..<rounds {
                let repository = try depot.open()
                let chunks = [
                    noise(500, seed: UInt64(round + 1)),
                    noise(300, seed: UInt64(1000 + writer * rounds + round)),
                ]
                let id = try repository.store(chunks)
                guard try repository.chunks(of: id) == chunks else {
                    throw RepositoryError.notFound("the chunks of snapshot \(id)")
                }
            }
        }
        #expect(try depot.open().state.snapshots.count == writers * rounds)
    }
}
