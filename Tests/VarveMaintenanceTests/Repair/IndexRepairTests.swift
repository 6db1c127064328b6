import TestSupport
import Testing
import VarveCodec
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Repair of the index")
struct IndexRepairTests {
    private let scene: Scene
    private let storage: MemoryStorage
    /// What the segments said of packs before.
    private let before: [PackID: Segment.Pack]

    init() throws {
        var random = SeededNumbers(21)
        scene = try Scene()
        storage = scene.storage
        let repository = try scene.open()
        for _ in 0..<6 {
            try scene.change(&random)
            try scene.snapshot(repository)
        }
        before = try Self.named(repository)
        #expect(before.count >= 6)
    }

    /// What the segments that can be read say of packs.
    private static func named(_ repository: Repository) throws -> [PackID: Segment.Pack] {
        var found: [PackID: Segment.Pack] = [:]
        for id in repository.state.standingSegments {
            for pack in try repository.segment(id).packs { found[pack.id] = pack }
        }
        return found
    }

    private func fresh() throws -> Repository { try scene.open(machine: randomName()) }

    private func damageSegments(_ harm: Harm, first count: Int = .max) throws -> Int {
        let segments = try fresh().state.segments.prefix(count)
        for id in segments { harm.befall(ObjectName.segment(id), in: storage) }
        return segments.count
    }

    /// Nothing is damaged, and a second repair does nothing.
    private func expectWhole() throws {
        let head = try fresh().state.number
        #expect(try fresh().repairIndex().isNothing)
        #expect(try fresh().state.number == head)
        try scene.expectWhole()
        let checked = try Checked(storage, of: scene, reading: .all)
        #expect(!checked.report.isDamaged, "\(checked.damaged)")
    }

    @Test("makes of the packs alone the index that was in use", arguments: Harm.allCases)
    func everything(harm: Harm) throws {
        let count = try damageSegments(harm)
        let planned = try fresh().repairIndex(isDryRun: true)
        let report = try fresh().repairIndex()
        #expect(report == planned)
        #expect(report.segmentsDamaged == count && report.packsNamed == before.count)
        #expect(report.packsCopied == 0)
        #expect(try Self.named(fresh()) == before)
        try expectWhole()
        // The next snapshot finds everything stored.
        let repository = try fresh()
        let stored = scene.packBytes
        try scene.snapshot(repository)
        #expect(scene.packBytes - stored < 4_000)
    }

    @Test("names again only what the damaged segments named")
    func some() throws {
        let repository = try fresh()
        let packs = try repository.state.segments.prefix(2).flatMap {
            try repository.segment($0).packs.map(\.id)
        }
        _ = try damageSegments(.flipped, first: 2)
        let report = try fresh().repairIndex()
        #expect(report.segmentsDamaged == 2 && report.packsNamed == packs.count)
        #expect(try Self.named(fresh()) == before)
        try expectWhole()
    }

    @Test("reads packs frame by frame whose tables of contents are damaged, too")
    func tables() throws {
        _ = try damageSegments(.removed)
        let packs = storage.contents.keys.filter { $0.hasPrefix("packs/") }
        for name in packs {
            var bytes = try #require(storage.contents[name])
            bytes[bytes.count - 30] ^= 1
            storage.overwrite(name, bytes)
        }
        let report = try fresh().repairIndex()
        #expect(report.packsCopied == packs.count && report.packsNamed == 0)
        try expectWhole()
    }

    @Test("leaves alone what no snapshot needs")
    func strangers() throws {
        var random = SeededNumbers(1)
        let repository = try fresh()
        try WriteSession.run(repository) { session in
            var writer = try ChunkWriter(session)
            _ = try writer.storeMetadata(random.bytes(3_000))
            try writer.flush()
            _ = try session.finish()
            // As if it were still running, or had crashed.
            session.keep()
        }
        _ = try damageSegments(.removed)
        let report = try fresh().repairIndex()
        #expect(report.packsUnnamed == before.count + 1)
        #expect(try Self.named(fresh()) == before)
        try expectWhole()
    }

    @Test("changes nothing when nothing is wrong, or it is only tried")
    func nothing() throws {
        let contents = storage.contents
        #expect(try fresh().repairIndex().isNothing)
        #expect(storage.contents == contents)
        _ = try damageSegments(.removed)
        let damaged = storage.contents
        #expect(try !fresh().repairIndex(isDryRun: true).isNothing)
        #expect(storage.contents == damaged)
    }

    @Test("done twice at once names everything once")
    func twice() throws {
        _ = try damageSegments(.removed)
        let other = try scene.open(machine: "other")
        let hooked = HookedStorage(storage, before: "create log/") {
            _ = try? other.repairIndex()
        }
        _ = try scene.open(hooked, machine: randomName()).repairIndex()
        let repository = try fresh()
        let condemned = repository.state.condemned.count
        #expect(repository.state.segments.count - condemned == 1)
        #expect(try Self.named(repository) == before)
        try expectWhole()
    }
}
