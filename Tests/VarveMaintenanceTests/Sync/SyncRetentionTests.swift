import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Rules at the destination of a sync, and dry runs")
struct SyncRetentionTests {
    private static func rules(_ rules: [RetentionRule]) throws -> SyncRetention {
        SyncRetention(
            try #require(RetentionPolicy(rules)), by: [.host, .source],
            RetentionCalendar(secondsEast: { _ in 0 }))
    }

    private static func plan(
        _ source: Repository, _ destination: Repository, _ retention: SyncRetention
    ) throws -> SyncPlan {
        try SyncPlan(
            source.state.snapshots, of: source, to: destination,
            judging: destination.state.snapshots, retention)
    }

    /// A sibling whose clock runs as the source's does.
    private static func sibling(of scene: Scene) throws -> (MemoryStorage, Repository) {
        let storage = MemoryStorage(location: "sibling")
        storage.setClock(scene.seconds * 1_000_000_000)
        return (storage, try scene.sibling(in: storage))
    }

    @Test(
        "what they would remove is not copied, and a sync with the same rules changes nothing more")
    func settles() throws {
        let scene = try Scene()
        let taken = try scene.takeSnapshots(5, seed: 61)
        let (storage, sibling) = try Self.sibling(of: scene)
        let retention = try Self.rules([.last(.limited(2))])
        let source = try scene.open()
        let plan = try Self.plan(source, sibling, retention)
        #expect(plan.copied.map(\.id) == Array(taken.suffix(2)) && plan.leftOut == 3)
        #expect(plan.removed.isEmpty)
        _ = try source.sync(to: [SyncTarget(sibling, plan)])
        try scene.expectCopy(storage, of: Array(taken.suffix(2)))
        for _ in 0..<2 {
            // However long ago it was copied.
            storage.setClock((scene.seconds + 400 * Scene.day) * 1_000_000_000)
            let later = try scene.openOnce(storage)
            let again = try Self.plan(source, later, retention)
            #expect(again.copied.isEmpty && again.removed.isEmpty && again.leftOut == 3)
        }
        // A new one takes the place of the oldest that is there.
        let new = try scene.takeSnapshots(1, seed: 62)
        try source.refresh()
        let next = try Self.plan(source, sibling, retention)
        #expect(next.copied.map(\.id) == new && next.removed.map(\.id) == [taken[3]])
        let report = try source.sync(to: [SyncTarget(sibling, next)])[0]
        #expect(report.forgotten == [taken[3]])
        try scene.expectCopy(storage, of: [taken[4], new[0]])
    }

    @Test("copies do not push out what was taken there, nor the other way round")
    func apart() throws {
        let scene = try Scene()
        let (storage, sibling) = try Self.sibling(of: scene)
        let own = try scene.snapshot(sibling)
        let taken = try scene.takeSnapshots(2, seed: 63)
        storage.setClock(scene.seconds * 1_000_000_000)
        let source = try scene.open()
        try sibling.refresh()
        let plan = try Self.plan(source, sibling, try Self.rules([.last(.limited(1))]))
        #expect(plan.copied.map(\.id) == [taken[1]] && plan.removed.isEmpty)
        #expect(sibling.state.snapshots.map(\.id) == [own])
    }

    @Test("what was forgotten at the source is judged as what it is, and nothing goes for that")
    func goneAtSource() throws {
        let scene = try Scene()
        let taken = try scene.takeSnapshots(3, seed: 64)
        let (storage, sibling) = try Self.sibling(of: scene)
        try scene.sync(to: [sibling])
        let source = try scene.open()
        try source.append { _ in .forget(Array(taken.prefix(2))) }
        let all = try Self.rules([.last(.unlimited)])
        let report = try source.sync(
            to: [SyncTarget(sibling, try Self.plan(source, sibling, all))])[0]
        #expect(report.forgotten.isEmpty)
        try scene.expectCopy(storage, of: taken)
    }

    @Test("nothing is forgotten when something was not copied")
    func incomplete() throws {
        let scene = try Scene()
        var taken = try scene.takeSnapshots(2, seed: 65)
        let (storage, sibling) = try Self.sibling(of: scene)
        try scene.sync(to: [sibling])
        taken += try scene.takeSnapshots(1, seed: 66)
        let source = try scene.open()
        _ = try source.amend(taken[2]) { _ in .damage("a file") }
        let plan = try Self.plan(source, sibling, try Self.rules([.last(.limited(1))]))
        #expect(plan.removed.map(\.id) == Array(taken.prefix(2)))
        let report = try source.sync(to: [SyncTarget(sibling, plan)])[0]
        #expect(report.skipped.map(\.id) == [taken[2]] && report.forgotten.isEmpty)
        try scene.expectCopy(storage, of: Array(taken.prefix(2)))
    }

    @Test("a group of which more than half would go is named")
    func drastic() throws {
        let scene = try Scene()
        _ = try scene.takeSnapshots(3, seed: 67)
        let (_, sibling) = try Self.sibling(of: scene)
        try scene.sync(to: [sibling])
        let source = try scene.open()
        #expect(try Self.plan(source, sibling, Self.rules([.last(.limited(2))])).drastic.isEmpty)
        #expect(try Self.plan(source, sibling, Self.rules([.last(.limited(1))])).drastic.count == 1)
    }

    @Test("a dry run writes nothing, and says what the execution does", arguments: [7, 1_000])
    func dryRun(window: Int) throws {
        let scene = try Scene()
        let taken = try scene.takeSnapshots(2, seed: 68)
        let storage = MemoryStorage(location: "sibling")
        try scene.sync(to: [scene.sibling(in: storage)]) { $0.id == taken[0] }
        _ = try scene.takeSnapshots(2, seed: 69)
        var options = SyncOptions()
        (options.isDryRun, options.windowChunks) = (true, window)
        let before = storage.contents
        let dry = try scene.sync(
            to: [scene.openOnce(DryStorage(storage))], { _ in true }, options)[0]
        #expect(storage.contents == before)
        options.isDryRun = false
        options.windowChunks = 1_000
        let done = try scene.sync(to: [scene.openOnce(storage)], { _ in true }, options)[0]
        #expect(dry.copied == done.copied && dry.counts.frames == done.counts.frames)
        #expect(dry.counts.bytesAsSealed == done.counts.bytesAsSealed)
        #expect(dry.counts.chunksAnew == done.counts.chunksAnew && done.counts.frames > 0)
    }

    @Test("this machine remembers where it has synced to, and how that stood")
    func remembered() throws {
        let scene = try Scene()
        _ = try scene.takeSnapshots(2, seed: 70)
        let source = try scene.open()
        #expect(source.syncedDestinations.isEmpty)
        let sibling = try scene.sibling()
        let report = try scene.sync(source, to: [sibling])[0]
        let here = SyncedDestination(
            location: "/mnt/with a space\n", keyFile: "/root/a key", passphraseFile: nil,
            time: 5, newest: report.newest)
        source.remember(here)
        source.remember(
            SyncedDestination(
                location: "/a", keyFile: nil, passphraseFile: nil, time: 6, newest: nil))
        let other = try scene.open()
        #expect(other.syncedDestinations.map(\.location) == ["/a", "/mnt/with a space\n"])
        #expect(other.syncedDestinations[1] == here)
        _ = try scene.takeSnapshots(1, seed: 71)
        try other.refresh()
        let status = try DestinationStatus(here, sibling, of: other)
        #expect(status.snapshots == 2 && status.missing == 1)
        #expect(status.newest == other.state.snapshots[1].summary.time)
        let unreached = DestinationStatus(here, failure: "no network")
        #expect(unreached.newest == report.newest && unreached.missing == nil)
        #expect(source.forgetDestination("/a") && !source.forgetDestination("/a"))
        #expect(source.syncedDestinations == [here])
    }
}
