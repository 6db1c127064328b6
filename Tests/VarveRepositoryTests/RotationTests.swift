import TestSupport
import Testing
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveStorage

@testable import VarveRepository

@Suite("Rotating the keys")
struct RotationTests {
    private let storage = MemoryStorage()
    private let depot: Depot
    private let repository: Repository

    init() throws {
        depot = try Depot(storage)
        repository = try depot.create()
    }

    /// The epochs of all stored units under `prefix`, which are whole objects.
    private func epochs(_ prefix: String) throws -> Set<EpochID> {
        Set(
            try storage.contents.filter { $0.key.hasPrefix(prefix) && !$0.key.hasSuffix(".copy") }
                .map { try UnitHeader(startOf: $0.value).epoch })
    }

    private func epoch(ofRecord number: UInt64) throws -> EpochID {
        try UnitHeader(startOf: try #require(storage.contents[ObjectName.record(number)])).epoch
    }

    @Test("costs no opening more than the newest keyring, however often it was done before")
    func openingAfterMany() throws {
        for number in 1...70 {
            storage.setClock(4_000_000_000_000_000_000 + Int64(number))
            _ = try repository.rotateKeys()
        }
        let watched = FaultyStorage(storage)
        let opened = try depot.open(watched, machine: "next")
        #expect(opened.keys.current == repository.keys.current)
        // Records since the checkpoint name the seven that were in force since.
        let read = watched.history.filter { $0.hasPrefix("get keyrings/") }
        #expect(read.count <= 8)
        // A clock that went back makes another one the newest, and then all are read.
        storage.setClock(0)
        _ = try repository.rotateKeys()
        let later = try depot.open(machine: "later")
        #expect(later.keys.current == repository.keys.current)
    }

    @Test("starts an epoch: the record is the last one under the old, and all that was stays")
    func rotation() throws {
        let before = try repository.store([noise(40, seed: 1)])
        let old = repository.keys.current
        let number = repository.state.number
        #expect(try repository.rotateKeys() == 2)
        let new = repository.keys.current
        #expect(new != old)
        let names = Set(storage.contents.keys)
        let after = try repository.store([noise(40, seed: 2)])
        #expect(try epoch(ofRecord: number) == old)
        #expect(try epoch(ofRecord: number + 1) == new)
        for (name, bytes) in storage.contents where !names.contains(name) {
            #expect(try UnitHeader(startOf: bytes).epoch == new, "\(name)")
        }
        let opened = try depot.open(machine: "two")
        #expect(try opened.chunks(of: before) == [noise(40, seed: 1)])
        #expect(try opened.chunks(of: after) == [noise(40, seed: 2)])
        #expect(opened.keys.current == new)
        #expect(try opened.checkKeys().isEmpty && opened.checkLog().isEmpty)
    }

    @Test("is met by whoever has the repository open: all go on under the new epoch")
    func met() throws {
        let first = try repository.store([noise(40, seed: 1)])
        let other = try depot.open(machine: "two")
        let reader = try depot.open(machine: "three")
        for seed in UInt64(2)...70 {
            _ = try other.rotateKeys()
            let id = try repository.store([noise(40, seed: seed)])
            #expect(repository.keys.current == other.keys.current)
            try reader.refresh()
            #expect(try reader.chunks(of: id) == [noise(40, seed: seed)])
        }
        // Checkpoints, too, are under what was in force.
        let opened = try depot.open(machine: "four")
        #expect(opened.state.snapshots.count == 70)
        #expect(try opened.chunks(of: first) == [noise(40, seed: 1)])
        #expect(try opened.checkLog().isEmpty)
        #expect(opened.openKeys.inForce.keyring.epochs.count == 70)
    }

    @Test("keeps a writer's packs, and its manifest and record are sealed anew")
    func writing() throws {
        let old = repository.keys.current
        let other = try depot.open(machine: "two")
        let id = try repository.store(
            [noise(40, seed: 1)], beforeCommit: { _ = try other.rotateKeys() })
        let new = other.keys.current
        #expect(try epochs(ObjectName.packs) == [old])
        let entry = try #require(repository.state.snapshots.first)
        let manifest = try #require(storage.contents[ObjectName.manifest(entry.manifest)])
        #expect(try UnitHeader(startOf: manifest).epoch == new)
        #expect(try epoch(ofRecord: entry.recordNumber) == new)
        #expect(try depot.open(machine: "three").chunks(of: id) == [noise(40, seed: 1)])
    }

    @Test("leaves no pack with frames of two epochs")
    func mixed() throws {
        let other = try depot.open(machine: "two")
        try WriteSession.run(repository) { session in
            var writer = try ChunkWriter(session)
            for seed in [UInt64(1), 2] {
                _ = try writer.storeMetadata(noise(40_000, seed: seed))
                try writer.flush()
                _ = try other.rotateKeys()
                try repository.refresh()
            }
            _ = try session.finish()
            session.keep()
        }
        #expect(try epochs(ObjectName.packs).count == 2)
        #expect(storage.contents.keys.count { $0.hasPrefix(ObjectName.packs) } == 2)
    }

    @Test("beside another rotation keeps the epochs of both")
    func race() throws {
        let other = try depot.open(machine: "two")
        let hooked = HookedStorage(storage, before: "create log/") {
            _ = try? other.rotateKeys()
            _ = try? other.store([noise(40, seed: 1)])
        }
        let second = try depot.open(hooked, machine: "three")
        #expect(try second.rotateKeys() == 3)
        let opened = try depot.open(machine: "four")
        #expect(opened.openKeys.inForce.keyring.epochs.count == 3)
        let id = try #require(opened.state.snapshots.first?.id)
        #expect(try opened.chunks(of: id) == [noise(40, seed: 1)])
    }

    @Test("refuses a record under an old epoch, and whoever wrote it")
    func forged() throws {
        try repository.store([noise(40, seed: 1)])
        let stolen = try SealingKeys(repository.openKeys.inForce.keyring)
        let reader = try depot.open(machine: "two")
        _ = try repository.rotateKeys()
        let head = repository.log.view.head
        let record = LogRecord(
            nonce: [UInt8](repeating: 1, count: 16), previous: head.hash, clock: 0,
            event: .forget(repository.state.snapshots.map(\.id)))
        var sealer = try UnitSealer(stolen)
        let place = LogPlace(repository: repository.id, number: head.number + 1)
        let bytes = try sealer.seal(.record, body: record.encoded, place: place)
        _ = try storage.create(ObjectName.record(head.number + 1), bytes, copies: .two)
        for attempt in [
            { try reader.refresh() }, { _ = try depot.open(machine: "three") },
            { try repository.refresh() }, { _ = try repository.store([noise(40, seed: 2)]) },
        ] {
            let error = #expect(throws: RepositoryError.self) { try attempt() }
            guard case .damaged = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        #expect(reader.state.snapshots.count == 1)
    }

    @Test("is followed by whom the log says, not by what lies there: old keyrings change nothing")
    func putBack() throws {
        let old = storage.contents.filter { $0.key.hasPrefix(ObjectName.keyrings) }
        _ = try repository.rotateKeys()
        let current = repository.keys.current
        // One that was made, and never named.
        let keyrings = try Keyrings(
            storage: storage, repository: repository.id,
            keyEncryptionKey: repository.openKeys.inForce.keyEncryptionKey)
        var unnamed = repository.openKeys.inForce.keyring
        unnamed.epochs.append(.init(created: .max, rootKey: [UInt8](repeating: 3, count: 32)))
        _ = try keyrings.add(unnamed)
        #expect(try depot.open(machine: "two").keys.current == current)
        for (name, _) in old { storage.removeQuietly(name) }
        #expect(try depot.open(machine: "three").keys.current == current)
        for (name, bytes) in old { storage.overwrite(name, bytes) }
        #expect(try depot.open(machine: "four").keys.current == current)
    }

    @Test("is damage when the keyring that it names is gone, and never falls back to an older one")
    func gone() throws {
        _ = try repository.rotateKeys()
        let name = ObjectName.keyring(repository.state.keyringObject)
        storage.removeQuietly(name)
        _ = try depot.open(machine: "two")
        storage.removeQuietly(name + ".copy")
        let error = #expect(throws: RepositoryError.self) { try depot.open(machine: "three") }
        guard case .damaged(name, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
