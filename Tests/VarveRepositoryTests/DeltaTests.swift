import TestSupport
import Testing
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("A chunk stored as a difference")
struct DeltaTests {
    /// Versions of the same bytes, each stored by a session of its own.
    private func repository(versions: Int) throws -> (Depot, Repository, [SnapshotID], [[UInt8]]) {
        let depot = try Depot()
        let repository = try depot.create()
        var bytes = noise(50_000, seed: 3)
        var all: [[UInt8]] = []
        var ids: [SnapshotID] = []
        for version in 0..<versions {
            all.append(bytes)
            ids.append(try repository.store([bytes], time: Int64(version)))
            bytes = bytes.edited(7_001, from: 50 + version * 13)
        }
        return (depot, repository, ids, all)
    }

    private struct Pair {
        var pack: PackID
        var base: ChunkID
    }

    private func deltas(_ packs: [Segment.Pack]) -> [Pair] {
        packs.flatMap { pack in
            pack.table.frames.flatMap(\.chunks).compactMap { chunk in
                chunk.base.map { Pair(pack: pack.id, base: $0) }
            }
        }
    }

    @Test("has a base that is stored whole, however many versions there are")
    func bases() throws {
        let (_, repository, ids, all) = try repository(versions: 12)
        let packs = try repository.tables()
        let deltas = deltas(packs)
        #expect(deltas.count >= 8)
        let full = Set(
            packs.flatMap(\.table.frames).filter { $0.codec != .delta }.flatMap(\.chunks).map(\.id))
        #expect(deltas.allSatisfy { full.contains($0.base) })
        for (id, bytes) in zip(ids, all) { #expect(try repository.chunks(of: id) == [bytes]) }
    }

    @Test("has a base that is stored whole, also where the parent names a difference to start from")
    func hints() throws {
        let depot = try Depot()
        let repository = try depot.create()
        var bytes = noise(50_000, seed: 3)
        var hint: ChunkID?
        for version in 0..<4 {
            let id = try repository.store([bytes], hint: hint, featured: false)
            #expect(try depot.open(machine: "\(version)").chunks(of: id) == [bytes])
            hint = ChunkID(SHA256.digest(bytes))
            bytes = bytes.edited(7_001, from: 50 + version * 13)
        }
        let packs = try repository.tables()
        let deltas = deltas(packs)
        #expect(!deltas.isEmpty)
        let full = Set(
            packs.flatMap(\.table.frames).filter { $0.codec != .delta }.flatMap(\.chunks).map(\.id))
        #expect(deltas.allSatisfy { full.contains($0.base) })
    }

    @Test("is read though its base lies in another pack")
    func otherPack() throws {
        let (depot, repository, ids, all) = try repository(versions: 2)
        let delta = try #require(deltas(try repository.tables()).first)
        let home = try #require(try pack(of: delta.base, repository))
        #expect(home != delta.pack)
        #expect(try depot.open(machine: "other").chunks(of: ids[1]) == [all[1]])
    }

    @Test("whose base is damaged is damage that names the base's pack")
    func damagedBase() throws {
        let (depot, repository, ids, _) = try repository(versions: 2)
        let storage = try #require(depot.storage as? MemoryStorage)
        let delta = try #require(deltas(try repository.tables()).first)
        let home = try #require(try pack(of: delta.base, repository))
        let name = ObjectName.pack(home, .data)
        var bytes = try storage.get(name, limit: 1 << 20)
        bytes[200] ^= 1
        storage.overwrite(name, bytes)
        let opened = try depot.open(machine: "other")
        let error = #expect(throws: RepositoryError.self) { try opened.chunks(of: ids[1]) }
        #expect(error.map { "\($0)".contains(home.hex) } == true, "\(String(describing: error))")
    }

    @Test("is read through another copy of its base when one is damaged")
    func secondBase() throws {
        let depot = try Depot()
        let storage = try #require(depot.storage as? MemoryStorage)
        let first = try depot.create()
        let second = try depot.open(machine: "two")
        let bytes = noise(50_000, seed: 9)
        // Neither session knows of the other, so the base is stored twice.
        try first.store([bytes]) { try second.store([bytes]) }
        let id = try first.store([bytes.edited(7_001)])
        let delta = try #require(deltas(try first.tables()).first)
        let homes = try first.tables().filter { pack in
            pack.table.frames.flatMap(\.chunks).contains { $0.id == delta.base }
        }
        #expect(homes.count == 2)
        for home in homes {
            let other = storage.duplicate()
            other.removeQuietly(ObjectName.pack(home.id, .data))
            let opened = try depot.open(other, machine: home.id.hex)
            #expect(try opened.chunks(of: id) == [bytes.edited(7_001)])
        }
    }

    private func pack(of chunk: ChunkID, _ repository: Repository) throws -> PackID? {
        try repository.tables().first { pack in
            pack.table.frames.contains { frame in
                frame.codec != .delta && frame.chunks.contains { $0.id == chunk }
            }
        }?.id
    }
}
