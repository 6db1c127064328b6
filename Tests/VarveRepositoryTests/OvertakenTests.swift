import TestSupport
import Testing
import VarveFormat
import VarveStorage

@testable import VarveRepository

@Suite("A writer beside maintenance")
struct OvertakenTests {
    let depot: Depot
    let storage = MemoryStorage()

    init() throws { depot = try Depot(storage) }

    /// Sweeps packs as maintenance would: the record first, then the objects.
    private func sweep(_ objects: [ObjectReference]) throws {
        let other = try depot.open(machine: "maintenance")
        _ = try other.log.append { _ in .sweep(objects) }
        for object in objects { storage.removeQuietly(object.name) }
    }

    private func objects(of repository: Repository) throws -> [ObjectReference] {
        try repository.tables().map { ObjectReference($0.id, $0.table.contents) }
    }

    @Test("commits nothing that relies on a chunk which was swept meanwhile, and succeeds again")
    func swept() throws {
        let repository = try depot.create()
        let chunks = [noise(20_000, seed: 1)]
        let first = try repository.store(chunks)
        let packs = try objects(of: repository)
        let log = repository.log
        try expectOvertaken {
            _ = try repository.store(chunks) {
                _ = try depot.open(machine: "maintenance").log.append { _ in .forget([first]) }
                try sweep(packs)
            }
        }
        #expect(log.state.snapshots.isEmpty)
        let second = try repository.store(chunks)
        #expect(try depot.open(machine: "fresh").chunks(of: second) == chunks)
    }

    @Test("commits when what was swept meanwhile is not needed")
    func unneeded() throws {
        let repository = try depot.create()
        let first = try repository.store([noise(20_000, seed: 1)])
        let packs = try objects(of: repository)
        let chunks = [noise(20_000, seed: 2)]
        let second = try repository.store(chunks) {
            _ = try depot.open(machine: "maintenance").log.append { _ in .forget([first]) }
            try sweep(packs)
        }
        #expect(try depot.open(machine: "fresh").chunks(of: second) == chunks)
    }

    @Test(
        "commits nothing when its own packs were swept, nor when that is remembered no more",
        arguments: 1...2)
    func own(times: Int) throws {
        let repository = try depot.create()
        let before = Set(storage.contents.keys)
        try expectOvertaken {
            _ = try repository.store([noise(20_000, seed: 1)]) {
                let new = storage.contents.keys.filter { !before.contains($0) }
                let packs = new.compactMap { name in
                    PackID(hex: String(name.suffix(64))).flatMap { id in
                        name.hasPrefix("packs/data/") ? ObjectReference(id, .data) : nil
                    }
                }
                for _ in 1...times { try sweep(packs) }
                let state = try depot.open(machine: "other").state
                #expect(state.swept.count == (times == 1 ? packs.count : 0))
            }
        }
    }

    @Test(
        "nor when these were swept and another one has stored the same",
        arguments: [false, true])
    func ownStoredByAnother(isRemoved: Bool) throws {
        let repository = try depot.create()
        let chunks = [noise(20_000, seed: 1)]
        try expectOvertaken {
            _ = try repository.store(chunks) {
                let own = storage.contents.keys
                let packs = own.compactMap(Self.pack)
                let segments = own.compactMap { name in
                    name.hasPrefix(ObjectName.segments)
                        ? SegmentID(hex: String(name.suffix(64))).map { ObjectReference($0) } : nil
                }
                _ = try depot.open(machine: "other").store(chunks)
                let log = try depot.open(machine: "maintenance").log
                // The removal shows at once, or later.
                try log.append { _ in .sweep(packs + segments) }
                guard isRemoved else { return }
                for object in packs + segments { storage.removeQuietly(object.name) }
            }
        }
        let index = try depot.open(machine: "fresh").loadIndex()
        #expect(index.flaw == nil)
    }

    private static func pack(_ name: String) -> ObjectReference? {
        guard name.hasPrefix(ObjectName.packs) else { return nil }
        let isData = name.hasPrefix("packs/data/")
        return PackID(hex: String(name.suffix(64))).map {
            ObjectReference($0, isData ? .data : .metadata)
        }
    }

    @Test("commits nothing that relies on a condemned delta whose base is swept already")
    func condemnedDelta() throws {
        let repository = try depot.create()
        let base = noise(40_000, seed: 1)
        let first = try repository.store([base])
        let bases = try objects(of: repository)
        let chunks = [base.edited(9_001)]
        let second = try repository.store(chunks)
        try expectOvertaken {
            _ = try repository.store(chunks) {
                let log = try depot.open(machine: "maintenance").log
                try log.append { _ in .forget([first, second]) }
                try log.append { view in
                    .condemn(Condemnation(objects: try objects(of: repository)))
                }
                try sweep(bases)
            }
        }
    }

    @Test("commits nothing when the base of a delta that it wrote was swept")
    func bases() throws {
        let repository = try depot.create()
        let base = noise(40_000, seed: 1)
        let first = try repository.store([base])
        let packs = try objects(of: repository)
        try expectOvertaken {
            _ = try repository.store([base.edited(9_001)]) {
                _ = try depot.open(machine: "maintenance").log.append { _ in .forget([first]) }
                try sweep(packs)
            }
        }
    }

    @Test("names no manifest that may have been swept")
    func manifest() throws {
        let repository = try depot.create()
        let other = try depot.open(machine: "maintenance")
        let (storage, log) = (storage, other.log)
        let hooked = HookedStorage(storage, before: "create log/") {
            let manifests = storage.contents.keys.filter { $0.hasPrefix(ObjectName.snapshots) }
            let ids = manifests.compactMap { ManifestID(hex: String($0.suffix(64))) }
            _ = try? log.append { _ in .sweep(ids.map { ObjectReference($0) }) }
            for name in manifests { storage.removeQuietly(name) }
        }
        let writer = try depot.open(hooked, machine: "writer")
        let chunks = [noise(20_000, seed: 1)]
        let id = try writer.store(chunks)
        try repository.refresh()
        #expect(try repository.chunks(of: id) == chunks)
    }

    @Test("stores again what lies in a condemned pack, and takes no base from there")
    func condemned() throws {
        let repository = try depot.create()
        let base = noise(40_000, seed: 1)
        _ = try repository.store([base])
        let packs = try objects(of: repository)
        _ = try repository.log.append { _ in .condemn(Condemnation(objects: packs)) }
        let chunks = [base, base.edited(9_001)]
        let id = try repository.store(chunks)
        let new = try repository.tables().filter { pack in
            !packs.contains(ObjectReference(pack.id, pack.table.contents))
        }
        let stored = Set(new.flatMap(\.table.frames).flatMap(\.chunks).map(\.id))
        #expect(stored.contains(try ChunkID(digestOf: base)))
        try sweep(packs)
        #expect(try depot.open(machine: "fresh").chunks(of: id) == chunks)
    }

    private func expectOvertaken(_ body: () throws -> Void) throws {
        let error = try #require(throws: RepositoryError.self) { try body() }
        guard case .overtaken = error else { throw error }
    }
}

@Suite("A session that takes long")
struct HoldTests {
    @Test("says so in the log with the segments that are new, and its commit ends its holds")
    func holds() throws {
        let depot = try Depot()
        var options = CreationOptions()
        options.packBytes = 1 << 20
        let repository = try depot.create(options)
        var held: [RepositoryState.HoldEntry] = []
        let chunks = (1...40).map { noise(60_000, seed: $0) }
        let id = try repository.store(
            chunks, holding: HoldIntervals(first: 1_000_000, further: 1_000_000),
            beforeFinish: {
                let other = try depot.open(machine: "other")
                // One that names segments, and one more.
                try wait(for: "two holds") {
                    try other.refresh()
                    return other.state.holds.drop(while: \.segments.isEmpty).count >= 2
                }
                held = other.state.holds
            })
        #expect(Set(held.map(\.session)).count == 1)
        #expect(held.map(\.recordNumber) == held.map(\.recordNumber).sorted())
        let named = held.flatMap(\.segments)
        #expect(Set(named).count == named.count)
        let state = repository.state
        #expect(Set(state.segments).isSuperset(of: named))
        #expect(state.holds.isEmpty)
        #expect(state.snapshots.map(\.firstHold) == held.prefix(1).map(\.recordNumber))
        #expect(try depot.open(machine: "fresh").chunks(of: id) == chunks)
    }
}
