import Glibc
import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Forgetting")
struct ForgettingTests {
    private let depot: Depot
    private let repository: Repository
    private let ids: [SnapshotID]

    init() throws {
        depot = try Depot()
        let repository = try depot.open()
        ids = try (0..<8).map { try repository.commit(at: Int64($0)) }
        self.repository = repository
    }

    /// A plan by which the newest three stay.
    private func plan() throws -> RetentionPlan {
        let dating = try SnapshotDating(of: repository)
        let judged = try repository.state.snapshots.map { try dating.judge($0, in: repository) }
        return RetentionPlan(
            judged, try #require(RetentionPolicy([.last(.limited(3))])), by: [.host, .source],
            SampleSnapshots.calendar, latest: dating.latest)
    }

    private var present: [SnapshotID] {
        get throws { try depot.open(machine: "fresh").state.snapshots.map(\.id) }
    }

    @Test("takes away what the plan says, in one record, and twice is once")
    func plans() throws {
        let plan = try plan()
        let before = repository.state.number
        let report = try repository.forget(by: plan)
        #expect(report == ForgetReport(forgotten: Array(ids[..<5])))
        #expect(try present == Array(ids[5...]))
        #expect(repository.state.number == before + 1)
        #expect(try repository.forget(by: plan) == ForgetReport())
        #expect(try self.plan().removed.isEmpty)
        #expect(repository.state.number == before + 1)
    }

    @Test("leaves the bytes alone")
    func bytes() throws {
        let storage = try #require(depot.storage as? MemoryStorage)
        let before = storage.contents
        _ = try repository.forget(by: plan())
        #expect(storage.contents.filter { before[$0.key] != nil } == before)
    }

    @Test("spares what was pinned or tagged since, and passes over what another one forgot")
    func meanwhile() throws {
        let plan = try plan()
        let other = try depot.open(machine: "two")
        #expect(try other.amend(ids[0]) { _ in .pin(true) })
        #expect(try other.amend(ids[1]) { _ in .tags(["keep"]) })
        #expect(try other.amend(ids[2]) { _ in .description("d") })
        _ = try other.forget([try other.entry(ids[3])])
        let report = try repository.forget(by: plan)
        #expect(report.forgotten == [ids[2], ids[4]])
        #expect(report.spared == [ids[0], ids[1]])
        #expect(try present == Array(ids[...1] + ids[5...]))
    }

    @Test("looks again when another record took its number")
    func overtaken() throws {
        let plan = try plan()
        let other = try depot.open(machine: "two")
        let pinned = ids[0]
        let hooked = HookedStorage(depot.storage, before: "create log/") {
            _ = try? other.amend(pinned) { _ in .pin(true) }
        }
        let report = try depot.open(hooked, machine: "three").forget(by: plan)
        #expect(report == ForgetReport(forgotten: Array(ids[1..<5]), spared: [pinned]))
        #expect(try present == [pinned] + ids[5...])
    }

    @Test("stops when a snapshot is gone for which others could go")
    func keptGone() throws {
        let plan = try plan()
        let other = try depot.open(machine: "two")
        _ = try other.forget([try other.entry(ids[6])])
        let error = #expect(throws: RepositoryError.self) { try repository.forget(by: plan) }
        #expect(error?.description.contains("was to stay was forgotten meanwhile") == true)
        #expect(try present == Array(ids[...5] + ids[7...]))
    }

    @Test("goes on beside commits, which only add")
    func commits() throws {
        let plan = try plan()
        let late = try depot.open(machine: "two").commit(at: 99)
        #expect(try repository.forget(by: plan).forgotten == Array(ids[..<5]))
        #expect(try present == Array(ids[5...]) + [late])
    }

    @Test("by several at once leaves what all of them keep")
    func together() throws {
        let plan = try plan()
        let forgotten = Mutex<[SnapshotID]>([])
        try WorkerThreads.run(count: 4, name: "forgetter") { worker in
            let report = try depot.open(machine: "\(worker)").forget(by: plan)
            forgotten.withLock { $0 += report.forgotten }
        }
        #expect(
            forgotten.withLock { $0 }.sorted { $0.hex < $1.hex }
                == ids[..<5].sorted { $0.hex < $1.hex })
        #expect(try present == Array(ids[5...]))
    }

    @Test("splits what does not go into one record")
    func records() throws {
        let before = repository.state.number
        let report = try repository.forget(
            repository.state.snapshots, relyingOn: [], recordIDsMax: 3)
        #expect(report.forgotten == ids)
        #expect(repository.state.number == before + 3)
        let full = LogRecord(
            nonce: [UInt8](repeating: 0, count: LogRecord.nonceBytes), previous: .zero, clock: 0,
            event: .forget([SnapshotID](repeating: .zero, count: Repository.recordIDsMax)))
        #expect(full.fits)
    }

    @Test("works on a full disk, where the reserve makes room")
    func fullDisk() throws {
        let depot = try Depot(inDirectory: true)
        let repository = try depot.open()
        let id = try repository.commit()
        let directory = try #require(depot.storage as? DirectoryStorage)
        #expect(try directory.hasReserve)
        let isFull = Mutex(true)
        let plan: FaultPlan = { call, path in
            if call == .remove, path.hasSuffix("/reserve") { isFull.withLock { $0 = false } }
            return call == .write && isFull.withLock { $0 } ? ENOSPC : nil
        }
        let report = try FileFaults.with(under: depot.path + "/repository", plan) {
            try repository.forget([try repository.entry(id)])
        }
        #expect(report.forgotten == [id])
        #expect(try depot.open(machine: "two").state.snapshots.isEmpty)
    }

    @Test("that cannot reach the storage says so, and a second try is as good as the first")
    func faults() throws {
        let plan = try plan()
        var call = 0
        var error: (any Error)?
        repeat {
            call += 1
            let storage = try #require(depot.storage as? MemoryStorage).duplicate()
            let faulty = FaultyStorage(storage, .none)
            let repository = try depot.open(faulty, machine: "call\(call)")
            faulty.reset(.once(at: call))
            error = nil
            do {
                _ = try repository.forget(by: plan)
            } catch let failure {
                error = failure
            }
            let after = try depot.open(storage, machine: "after\(call)")
            _ = try after.forget(by: plan)
            #expect(after.state.snapshots.map(\.id) == Array(ids[5...]))
        } while error != nil && call < 100
        #expect(call > 3)
    }

    @Test("goes on when the keys were rotated meanwhile, and so does an amendment")
    func rotated() throws {
        let plan = try plan()
        _ = try depot.open(machine: "two").rotateKeys()
        #expect(try repository.amend(ids[7]) { _ in .pin(true) })
        _ = try depot.open(machine: "two").rotateKeys()
        _ = try repository.forget(by: plan)
        #expect(try depot.open(machine: "three").state.snapshots.map(\.id) == Array(ids[5...]))
    }

    @Test("amends nothing that is gone or says so already")
    func amendments() throws {
        let other = try depot.open(machine: "two")
        let before = repository.state.number
        #expect(try !repository.amend(ids[0]) { $0.isPinned ? .pin(false) : nil })
        #expect(repository.state.number == before)
        _ = try other.forget([try other.entry(ids[0])])
        #expect(throws: RepositoryError.self) { try repository.amend(ids[0]) { _ in .pin(true) } }
        #expect(try repository.amend(ids[1]) { .tags($0.summary.tags + ["a"]) })
        #expect(try other.amend(ids[1]) { .tags($0.summary.tags + ["b"]) })
        #expect(try depot.open(machine: "fresh").entry(ids[1]).summary.tags == ["a", "b"])
    }
}
