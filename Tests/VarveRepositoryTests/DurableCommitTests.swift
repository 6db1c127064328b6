import Glibc
import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("A commit")
struct DurableCommitTests {
    /// A depot whose repository is in a directory of its own below `path`.
    private func depot(below path: String) throws -> Depot {
        try Depot(DirectoryStorage(path: path + "/repository", create: true))
    }

    @Test("whose record may not survive a power cut is an error, though the record is there")
    func unsynced() throws {
        let place = try Depot()
        let depot = try depot(below: place.path)
        let repository = try depot.create()
        let plan: FaultPlan = { call, path in
            call == .sync && path.hasSuffix("/log") ? EIO : nil
        }
        let error = FileFaults.with(under: place.path, plan) {
            #expect(throws: RepositoryError.self) { try repository.store([noise(40, seed: 1)]) }
        }
        guard case .storage(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.kind == .unsynced)
        #expect(reason.description.contains("may or may not exist"))
        // What the record names was not taken back.
        let other = try depot.open(machine: "two")
        let id = try #require(other.state.snapshots.first?.id)
        #expect(try other.chunks(of: id) == [noise(40, seed: 1)])
        try repository.store([noise(40, seed: 2)])
        #expect(repository.state.snapshots.count == 2)
    }

    @Test("is durable before a machine remembers that it saw it, whoever made it")
    func settled() throws {
        let place = try Depot()
        let depot = try depot(below: place.path)
        try depot.create().store([noise(40, seed: 1)])
        let calls = Mutex<[String]>([])
        let watch = FileWatch(success: { call, path in
            let isLog = call == .sync && path.hasSuffix("/log")
            let isMemory = call == .rename && path.contains("/heads/")
            if isLog || isMemory { calls.withLock { $0.append("\(call)") } }
        })
        try FileFaults.with(under: place.path, watch) {
            try FileFaults.with(under: depot.path, watch) {
                _ = try depot.open(machine: "two")
                _ = try depot.open(machine: "two")
            }
        }
        #expect(calls.withLock { $0 } == ["sync", "rename"])
        // Where it cannot be made durable, it is not remembered.
        let refusal: FaultPlan = { call, _ in call == .sync ? EIO : nil }
        let memory = depot.directories("three").state ?? ""
        _ = try FileFaults.with(under: place.path, refusal) { try depot.open(machine: "three") }
        #expect((try? File.status(of: memory)) == nil)
    }

    @Test("of whose record only one copy found room is none the less durable")
    func noRoomForTheCopy() throws {
        let place = try Depot()
        let depot = try depot(below: place.path)
        let repository = try depot.create()
        let calls = Mutex<[String]>([])
        let plan: FaultPlan = { call, path in
            let isLink = call == .link && path.contains("/log/")
            let isSync = call == .sync && path.hasSuffix("/log")
            if isLink || isSync { calls.withLock { $0.append("\(call)") } }
            return isLink && path.hasSuffix(".copy") ? ENOSPC : nil
        }
        _ = try FileFaults.with(under: place.path, plan) {
            try repository.store([noise(40, seed: 1)])
        }
        #expect(calls.withLock { $0 } == ["link", "link", "sync"])
        #expect(try depot.open(machine: "two").state.snapshots.count == 1)
    }
}
