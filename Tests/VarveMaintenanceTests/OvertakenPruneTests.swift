import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

/// A prune that was asleep while others worked.
@Suite("A prune that others overtake")
struct OvertakenPruneTests {
    @Test("what came between two listings of a survey is young, however long that took")
    func survey() throws {
        let scene = try Scene()
        let (storage, start) = (scene.storage, scene.seconds)
        let state = try scene.open().state
        let id = try #require(SegmentID(randomBytes(32)))
        let hooked = HookedStorage(storage, before: "list \(ObjectName.segments)") {
            try? storage.put(ObjectName.segment(id), [1], copies: .one)
            storage.setClock((start + 2 * Scene.day) * 1_000_000_000)
        }
        let survey = try StorageSurvey(hooked, state)
        #expect(!hooked.isWaiting)
        #expect(!survey.isAbandoned(try #require(survey.segments[id])))
    }

    @Test("leaves alone what a hold has come to name")
    func hold() throws {
        let scene = try Scene()
        let writer = try scene.open(machine: "writer")
        let session = try #require(SessionID(randomBytes(SessionID.byteCount)))
        try WriteSession.run(writer) { writing in
            var chunks = try ChunkWriter(writing)
            _ = try chunks.storeMetadata([1, 2, 3])
            try chunks.flush()
            let segments = try writing.finish()
            scene.pass(seconds: 2 * Scene.day)
            let hooked = HookedStorage(scene.storage, before: "create log/") {
                _ = try? writer.append { _ in .hold(Hold(session: session, segments: segments)) }
            }
            let maintenance = try scene.open(hooked, machine: "maintenance")
            #expect(try maintenance.planPrune(PruneOptions()).condemned.count == 2)
            let report = try maintenance.prune(PruneOptions())
            #expect(!hooked.isWaiting)
            #expect(report.packsCondemned == 0)
            #expect(maintenance.state.condemned.isEmpty)
        }
    }

    @Test("condemns nothing that has been swept already")
    func swept() throws {
        var random = SeededNumbers(3)
        let scene = try Scene()
        let repository = try scene.open()
        try scene.write("d0/a", random.bytes(60_000))
        try scene.snapshot(repository)
        try repository.append { .forget($0.snapshots.map(\.id)) }
        let other = try scene.open(machine: "other")
        let hooked = HookedStorage(scene.storage, before: "create log/") {
            var options = PruneOptions()
            options.isImmediate = true
            _ = try? other.prune(options)
        }
        let slow = try scene.open(hooked, machine: "slow")
        let report = try slow.prune(PruneOptions())
        #expect(!hooked.isWaiting)
        #expect(report.packsCondemned == 0)
        #expect(!slow.state.swept.isEmpty)
        let swept = Set(slow.state.swept.map(\.object))
        #expect(swept.isDisjoint(with: slow.state.condemned.map(\.object)))
    }

    @Test("gives up what it wrote anew when something was swept meanwhile, which may be that")
    func rewriting() throws {
        var random = SeededNumbers(3)
        let scene = try Scene()
        let repository = try scene.open()
        for name in ["d0/a", "d0/b"] { try scene.write(name, random.bytes(60_000)) }
        let first = try scene.snapshot(repository)
        try scene.remove("d0/b")
        try scene.snapshot(repository)
        try repository.append { _ in .forget([first]) }
        let box = Unchecked(scene)
        let other = try scene.open(machine: "other")
        let hooked = HookedStorage(scene.storage, before: "create log/") {
            for days in [2, 8] as [Int64] {
                box.value.pass(seconds: days * Scene.day)
                var options = PruneOptions()
                options.unusedMax = .unlimited
                _ = try? other.prune(options)
            }
        }
        var options = PruneOptions()
        options.unusedMax = .percent(0)
        let slow = try scene.open(hooked, machine: "slow")
        let report = try slow.prune(options)
        #expect(!hooked.isWaiting)
        #expect(report.bytesWritten == 0)
        let fresh = try scene.open(machine: "fresh")
        #expect(!fresh.state.swept.isEmpty)
        #expect(try fresh.checkIndex().isEmpty)
        try scene.expectWhole(fresh)
        #expect(try scene.open().prune(options).bytesWritten > 0)
        try scene.expectWhole()
    }
}
