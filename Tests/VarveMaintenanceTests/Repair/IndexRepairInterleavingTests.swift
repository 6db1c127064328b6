import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

/// A repair finds what snapshots have lost in the packs of a writer that then fails.
@Suite("Repair of the index, beside a writer that fails")
struct IndexRepairInterleavingTests {
    private let scene: Scene
    /// What the lost pack held.
    private let chunks: [(id: ChunkID, bytes: [UInt8])]

    private struct Failed: Error {}

    init() throws {
        var random = SeededNumbers(41)
        let scene = try Scene()
        try scene.write("d0/f0", random.bytes(150_000))
        let repository = try scene.open()
        try scene.snapshot(repository)
        let id = try #require(repository.state.segments.first)
        let pack = try #require(
            try repository.segment(id).packs.first { $0.table.contents == .data })
        var reader = try ChunkReader(repository)
        var chunks: [(id: ChunkID, bytes: [UInt8])] = []
        for chunk in pack.table.frames.flatMap(\.chunks) {
            chunks.append((chunk.id, try reader.load(chunk.id)))
        }
        scene.storage.removeQuietly(ObjectName.pack(pack.id, .data))
        (self.scene, self.chunks) = (scene, chunks)
    }

    /// Stores what was lost, runs `body`, and fails.
    private static func fail(
        _ repository: Repository, _ chunks: [(id: ChunkID, bytes: [UInt8])],
        _ body: () throws -> Void
    ) throws {
        do {
            try WriteSession.run(repository) { session in
                var writer = try ChunkWriter(session)
                for chunk in chunks {
                    try chunk.bytes.withUnsafeBytes { try writer.addFull($0, id: chunk.id, .data) }
                }
                try writer.flush()
                _ = try session.finish()
                try body()
                throw Failed()
            }
        } catch is Failed {}
    }

    @Test("what it has mended stays whole, wherever in the writer's end it runs")
    func writer() throws {
        var (count, isOver, mended) = (0, false, 0)
        while !isOver {
            let storage = scene.storage.duplicate()
            let repair = try scene.open(storage, machine: "repair\(count)")
            let report = Mutex<IndexRepairReport?>(nil)
            let hooked = HookedStorage(storage, before: "", after: count) {
                report.withLock { $0 = try? repair.repairIndex() }
            }
            let writer = try scene.open(hooked, machine: "writer\(count)")
            try Self.fail(writer, chunks) {}
            isOver = hooked.isWaiting
            // Later a record says what is lost, and then the writer leaves everything anyway.
            if let report = report.withLock(\.self), report.chunksLost == 0 {
                mended += 1
                try scene.expectWhole(scene.open(storage, machine: "after\(count)"))
            }
            count += 1
        }
        #expect(mended > 2)
    }

    @Test(
        "the writer leaves what it has named, because a damaged segment might have named it before",
        arguments: [Harm.flipped, .removed])
    func named(harm: Harm) throws {
        let repository = try scene.open()
        let segment = try #require(repository.state.segments.first)
        harm.befall(ObjectName.segment(segment), in: scene.storage)
        try Self.fail(scene.open(machine: "writer"), chunks) {
            let report = try scene.open(machine: "repair").repairIndex()
            #expect(report.chunksLost == 0 && report.packsNamed > 1 && report.packsCopied == 0)
        }
        try scene.expectWhole()
        #expect(try Checked(scene.storage, of: scene, reading: .all).damaged.isEmpty)
    }

    @Test("what it says it has mended is, wherever in it the writer fails")
    func repair() throws {
        var (count, isOver, mended) = (0, false, 0)
        let chunks = chunks
        while !isOver {
            let storage = scene.storage.duplicate()
            let (reached, go) = (BoundedQueue<Int>(capacity: 1), BoundedQueue<Int>(capacity: 1))
            let done = BoundedQueue<Int>(capacity: 1)
            let writer = try scene.open(storage, machine: "writer\(count)")
            let thread = try WorkerThreads.start(count: 1) { _ in
                try? Self.fail(writer, chunks) {
                    reached.put(1)
                    _ = go.take()
                }
                done.put(1)
            }
            _ = reached.take()
            let hooked = HookedStorage(storage, before: "", after: count) {
                go.put(1)
                _ = done.take()
            }
            let maintenance = try scene.open(hooked, machine: "repair\(count)")
            let report = Result { try maintenance.repairIndex() }
            isOver = hooked.isWaiting
            if isOver { go.put(1) }
            try thread.join()
            if case .success(let report) = report, report.chunksLost == 0 {
                mended += 1
                try scene.expectWhole(scene.open(storage, machine: "after\(count)"))
            }
            count += 1
        }
        #expect(mended > 2)
    }
}
