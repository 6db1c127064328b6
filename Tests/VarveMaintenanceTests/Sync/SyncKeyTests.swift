import TestSupport
import Testing
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveStorage
import VarveSystem

@testable import VarveMaintenance
@testable import VarveRepository

@Suite("Keys of a sync")
struct SyncKeyTests {
    @Test("keyrings that rotated apart are merged at the destination, and the source is left alone")
    func apart() throws {
        let scene = try Scene()
        var taken = try scene.takeSnapshots(1, seed: 21)
        let storage = MemoryStorage(location: "sibling")
        let sibling = try scene.sibling(in: storage)
        try scene.sync(to: [sibling])
        let source = try scene.open()
        _ = try source.rotateKeys()
        _ = try sibling.rotateKeys()
        let own = try scene.snapshot(sibling)
        taken += try scene.takeSnapshots(1, seed: 22)
        try source.refresh()
        let head = source.state.number
        let report = try scene.sync(source, to: [sibling])[0]
        #expect(report.counts.chunksAnew == 0 && report.counts.frames > 0)
        #expect(sibling.openKeys.inForce.keyring.epochs.count == 3)
        try source.refresh()
        #expect(source.state.number == head)
        try scene.expectCopy(storage, of: [taken[0], own, taken[1]])
        // Back again: now the other one knows them all, and both seal alike.
        try sibling.refresh()
        let back = try sibling.sync(
            to: [SyncTarget(source, SyncPlan(sibling.state.snapshots, to: source))])
        #expect(back[0].copied == [own])
        #expect(source.keys.current == sibling.keys.current)
        try scene.expectCopy(scene.storage, of: taken + [own])
    }

    @Test("a rotation at the source during a sync is followed")
    func duringSync() throws {
        let scene = try Scene()
        let taken = try scene.takeSnapshots(2, seed: 23)
        let storage = MemoryStorage(location: "sibling")
        let sibling = try scene.sibling(in: storage)
        let other = try scene.open(machine: "other")
        let hooked = HookedStorage(scene.storage, before: "read packs/data") {
            _ = try? other.rotateKeys()
        }
        let source = try scene.open(hooked, machine: "sync")
        try scene.sync(source, to: [sibling])
        try scene.expectCopy(storage, of: taken)
        _ = try scene.sync(scene.open(machine: "later"), to: [scene.openOnce(storage)])
        try scene.expectCopy(storage, of: taken)
    }

    @Test(
        "stops where one side is still sealed under a key that the other replaced, and names the cure",
        arguments: [true, false])
    func compromised(isSourceReplaced: Bool) throws {
        let scene = try Scene()
        _ = try scene.takeSnapshots(1, seed: 24)
        let storage = MemoryStorage(location: "sibling")
        let sibling = try scene.sibling(in: storage)
        let source = try scene.open()
        let stolen = SlotSecret.keyFile(try SecretBytes.random(byteCount: 32))
        func replace(_ repository: Repository) throws {
            let slot = try repository.addSlot(stolen, label: "stolen")
            _ = try repository.replaceKeys(
                try repository.planKeyReplacement(removing: slot, inUse: scene.secret, keeping: []))
        }
        try replace(isSourceReplaced ? source : sibling)
        let before = storage.contents
        let report = try scene.sync(source, to: [sibling])[0]
        let failure = try #require(report.failure as? RepositoryError)
        let late = isSourceReplaced ? "sibling" : "memory"
        #expect(failure.description.hasPrefix("\(late) is still sealed under a key"))
        #expect(failure.description.contains("varve key remove --compromised"))
        #expect(report.copied.isEmpty && storage.contents == before)
        // With the key replaced on both sides they go on.
        try replace(isSourceReplaced ? sibling : source)
        #expect(try scene.sync(source, to: [sibling])[0].isComplete)
        try scene.expectCopy(storage, of: scene.open().state.snapshots.map(\.id))
    }

    @Test("of two keyrings the newest epoch seals, and none that one side has gone beyond")
    func merging() throws {
        let id = try #require(KeyringID([UInt8](repeating: 1, count: 16)))
        func keyring(_ epochs: [(Int64, UInt8)], _ replaced: [UInt8] = []) -> Keyring {
            Keyring(
                id: id, chunkerSecret: [],
                epochs: epochs.map { .init(created: $0.0, rootKey: [$0.1]) },
                replacedKeys: replaced.map { [$0] })
        }
        func seals(_ one: Keyring, _ other: Keyring) -> UInt8? {
            one.merged(with: other).epochs.last?.rootKey.first
        }
        let start = keyring([(1, 1)])
        let (early, late) = (keyring([(1, 1), (5, 2)]), keyring([(1, 1), (9, 3)]))
        #expect(seals(start, late) == 3 && seals(late, start) == 3)
        #expect(seals(early, late) == 3 && seals(late, early) == 3)
        // Whatever a clock says: the one in front of it was given up.
        let beyond = keyring([(1, 1), (9, 3), (2, 4)])
        #expect(seals(late, beyond) == 4 && seals(beyond, late) == 4)
        let all = early.merged(with: keyring([(1, 1), (9, 3)], [7]))
        #expect(all.epochs.map { $0.rootKey[0] } == [1, 2, 3] && all.replacedKeys == [[7]])
        #expect(all.merged(with: early) == all)
    }

    @Test("a creation that was interrupted anywhere is finished with the same keyring")
    func interruptedCreation() throws {
        let scene = try Scene()
        let taken = try scene.takeSnapshots(1, seed: 25)
        let source = try scene.open()
        for moment in [FaultyStorage.Moment.before, .after] {
            var call = 1
            while true {
                let storage = MemoryStorage(location: "sibling")
                let faulty = FaultyStorage(storage, .from(call), moment: moment)
                let made = try? scene.sibling(in: faulty)
                if faulty.faults == 0 { break }
                call += 1
                guard (try? Repository.identify(storage)) != nil else { continue }
                if made == nil { try source.finishSibling(in: storage, secret: scene.secret) }
                let sibling = try scene.openOnce(storage)
                #expect(sibling.sharesKeyring(with: source))
                #expect(sibling.state.parameters.packBytes == 1 << 20)
                try scene.sync(source, to: [sibling])
                try scene.expectCopy(storage, of: taken)
            }
            #expect(call > 10)
        }
    }
}
