import TestSupport
import Testing
import VarveCodec
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Sealing anew what older epochs sealed")
struct ResealingTests {
    private static func options(_ bytesMax: Int? = nil, immediate: Bool = false) -> PruneOptions {
        var options = PruneOptions()
        options.reseals = true
        options.rewrittenBytesMax = bytesMax
        options.isImmediate = immediate
        return options
    }

    /// Snapshots of three epochs, with deltas from one to the other, and frames used in part.
    private func scene() throws -> Scene {
        var random = SeededNumbers(5)
        let scene = try Scene()
        let repository = try scene.open()
        for _ in 0..<6 {
            try scene.change(&random, files: 12)
            try scene.snapshot(repository)
            if repository.state.snapshots.count.isMultiple(of: 2) {
                _ = try repository.rotateKeys()
            }
        }
        try repository.append { .forget([$0.snapshots[1].id]) }
        return scene
    }

    /// The epochs of all units in a stored pack.
    private func epochs(inPack bytes: [UInt8]) throws -> Set<EpochID> {
        let trailer = try PackTrailer(
            Array(bytes.suffix(PackTrailer.byteCount)), packBytes: bytes.count)
        var epochs: Set<EpochID> = []
        var offset = 0
        while offset < trailer.tableOffset + trailer.tableBytes {
            let header = try UnitHeader(startOf: Array(bytes[offset..<offset + 64]))
            epochs.insert(header.epoch)
            offset += header.bodyBytes + UnitHeader.overhead
        }
        return epochs
    }

    /// Fails for each unit of an older epoch, but in the log, in states and keyrings.
    private func expectCurrent(_ storage: MemoryStorage, _ repository: Repository) throws {
        for (name, bytes) in storage.contents {
            let epochs: Set<EpochID>
            if name.hasPrefix(ObjectName.packs) {
                epochs = try self.epochs(inPack: bytes)
            } else if [ObjectName.segments, ObjectName.snapshots].contains(where: name.hasPrefix) {
                epochs = [try UnitHeader(startOf: bytes).epoch]
            } else {
                continue
            }
            #expect(epochs == [repository.keys.current], "\(name)")
        }
    }

    @Test("leaves nothing under them, and every snapshot whole")
    func all() throws {
        let scene = try scene()
        let repository = try scene.open()
        let before = try repository.oldEpochs()
        #expect(before.packs > 3 && before.segments > 2 && before.manifests == 5)
        let report = try repository.prune(Self.options())
        #expect(report.damaged.isEmpty && report.bytesWritten > 0)
        let left = try repository.oldEpochs()
        #expect(left.isEmpty && left.packsCondemned == before.packs)
        try scene.expectWhole()
        for _ in 0..<2 {
            scene.pass(seconds: 8 * Scene.day)
            _ = try scene.open().prune(PruneOptions())
        }
        #expect(try repository.oldEpochs() == OldEpochs())
        try expectCurrent(scene.storage, repository)
        try scene.expectWhole()
        #expect(try Checked(scene.storage, of: scene, reading: .all).damaged.isEmpty)
        // There is nothing to do any more.
        #expect(try repository.prune(Self.options()).bytesWritten == 0)
    }

    @Test("writes no more at once than it may, and ends when it is run again and again")
    func bounded() throws {
        let scene = try scene()
        let repository = try scene.open()
        let total = try repository.oldEpochs().bytes
        var left = total
        var runs = 0
        while left > 0 {
            let report = try repository.prune(Self.options(total / 2, immediate: true))
            #expect(report.bytesWritten <= total / 2)
            let now = try repository.oldEpochs().bytes
            #expect(now < left)
            left = now
            runs += 1
            try scene.expectWhole()
        }
        #expect(runs > 1)
        #expect(try repository.oldEpochs().isEmpty)
    }

    @Test("is what a prune does that copies such a frame for another reason")
    func copied() throws {
        let scene = try scene()
        let repository = try scene.open()
        var options = PruneOptions()
        options.isImmediate = true
        options.unusedMax = .percent(0)
        let before = Set(scene.storage.contents.keys)
        let report = try repository.prune(options)
        #expect(report.bytesWritten > 0)
        for (name, bytes) in scene.storage.contents
        where name.hasPrefix(ObjectName.packs) && !before.contains(name) {
            #expect(try epochs(inPack: bytes) == [repository.keys.current])
        }
        try scene.expectWhole()
    }

    @Test("puts a manifest anew that was swept while its record waited")
    func slept() throws {
        let scene = try Scene()
        let repository = try scene.open()
        try scene.snapshot(repository)
        _ = try repository.rotateKeys()
        let entry = try #require(repository.state.snapshots.first)
        let (storage, start) = (scene.storage, scene.seconds)
        let other = try scene.open(machine: "other")
        let hooked = HookedStorage(storage, before: "create log/") {
            // Somebody else condemns it, and sweeps it later.
            for days in [8, 16] as [Int64] {
                storage.setClock((start + days * Scene.day) * 1_000_000_000)
                _ = try? other.prune(PruneOptions())
            }
        }
        let sleeper = try scene.open(hooked)
        #expect(try sleeper.resealManifest(entry))
        #expect(!hooked.isWaiting)
        #expect(try scene.open(machine: randomName()).oldEpochs().manifests == 0)
        #expect(try Checked(scene.storage, of: scene).damaged.isEmpty)
        try scene.expectWhole()
    }

    @Test("says so, and leaves it, when something of it is damaged")
    func damaged() throws {
        let scene = try scene()
        let repository = try scene.open()
        let entry = try #require(repository.state.snapshots.first)
        let name = ObjectName.manifest(entry.manifest)
        let whole = try #require(scene.storage.contents[name])
        var bytes = whole
        bytes[20] ^= 1
        // What is marked is remembered, so that it is not read for that.
        _ = try repository.planPrune(Self.options())
        scene.storage.overwrite(name, bytes)
        let report = try scene.open().prune(Self.options())
        #expect(report.damaged.count == 1 && report.damaged[0].hasPrefix(name))
        #expect(try scene.open().oldEpochs().manifests == 1)
        scene.storage.overwrite(name, whole)
        #expect(try scene.open().prune(Self.options()).damaged.isEmpty)
        #expect(try scene.open().oldEpochs().isEmpty)
        try scene.expectWhole()
    }
}
