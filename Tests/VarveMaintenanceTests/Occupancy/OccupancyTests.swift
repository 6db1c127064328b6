import TestSupport
import Testing
import VarveCatalog
import VarveFormat
import VarveRepository
import VarveStorage

@testable import VarveMaintenance

@Suite("What snapshots occupy", .timeLimit(.minutes(60)))
struct OccupancyTests {
    private let seeds = (0..<(TestRun.isLong ? 100 : 3)).map { TestRun.seed() &+ UInt64($0) }

    /// Lends some snapshots of a changing tree, in small packs.
    private func withScene(
        _ seed: UInt64, snapshots: Int, _ body: (Scene, Repository) throws -> Void
    ) throws {
        var random = SeededNumbers(seed)
        let scene = try Scene()
        let repository = try scene.open()
        // A directory with a chunk of its own, which all of them share.
        for number in 0..<30 {
            try scene.write("wide/a-file-with-a-long-name-\(number)", random.bytes(400))
        }
        for _ in 0..<snapshots {
            try scene.change(&random)
            try scene.snapshot(repository)
            scene.pass(seconds: 60)
        }
        try repository.refresh()
        try withExtendedLifetime(scene) { try body(scene, repository) }
    }

    /// Which snapshots need each chunk, found the slow way; a base is needed by whoever needs a delta on it.
    private func needs(_ repository: Repository) throws -> [ChunkID: Set<SnapshotID>] {
        var needs: [ChunkID: Set<SnapshotID>] = [:]
        for entry in repository.state.snapshots {
            var walk = try ReferenceWalk(repository)
            try walk.run(try repository.manifest(entry).references()) {
                needs[$0.id, default: []].insert(entry.id)
                return true
            } damaged: { _, error in
                throw error
            }
        }
        var prefixes: [UInt64: Set<SnapshotID>] = [:]
        var ids: [UInt64: ChunkID] = [:]
        try repository.catalog(following: repository.state).forEachChunkWithCopies { id, copies in
            ids[id.prefix] = id
            guard let owners = needs[id], let copy = copies.first, copy.isDelta else { return }
            prefixes[copy.base, default: []].formUnion(owners)
        }
        for (prefix, owners) in prefixes {
            if let id = ids[prefix] { needs[id, default: []].formUnion(owners) }
        }
        return needs
    }

    @Test("is what a look at every tree finds that only one needs")
    func naive() throws {
        for seed in seeds {
            try withScene(seed, snapshots: 5) { _, repository in
                let needs = try needs(repository)
                let occupancy = try repository.occupancy()
                #expect(occupancy.parts.count == 5)
                for part in occupancy.parts {
                    let unique = needs.values.count { $0 == [part.snapshot.id] }
                    #expect(part.chunksUnique == unique, "VARVE_SEED=\(seed)")
                    #expect((part.bytesUnique > 0) == (unique > 0))
                }
            }
        }
    }

    @Test("adds up to all frames")
    func sum() throws {
        for seed in seeds {
            try withScene(seed, snapshots: 4) { _, repository in
                let occupancy = try repository.occupancy()
                let statistics = try repository.statistics()
                let sum =
                    occupancy.parts.reduce(occupancy.bytesShared + occupancy.bytesUnused) {
                        $0 + $1.bytesUnique
                    }
                let all = statistics.bytesFullStored + statistics.bytesSimilarStored
                // In each frame a byte may be lost for each share.
                #expect(sum <= all && sum > all - 1_000, "VARVE_SEED=\(seed)")
            }
        }
    }

    @Test("is what forgetting one snapshot frees, and of several together no less")
    func forgetting() throws {
        for seed in seeds {
            try withScene(seed, snapshots: 5) { _, repository in
                let parts = try repository.occupancy().parts
                for part in parts {
                    let freed = try repository.bytesFreed(byForgetting: [part.snapshot.id])
                    // Of each frame a byte may be lost in sharing it out.
                    #expect(abs(freed - part.bytesUnique) < 200, "VARVE_SEED=\(seed)")
                }
                let some = parts.prefix(3).map(\.snapshot.id)
                let alone = try some.map { try repository.bytesFreed(byForgetting: [$0]) }
                let together = try repository.bytesFreed(byForgetting: some)
                #expect(together >= alone.reduce(0, +) - 100, "VARVE_SEED=\(seed)")
                // Nothing of that is remembered.
                #expect(try repository.bytesFreed(byForgetting: some) == together)
                #expect(try repository.bytesFreed(byForgetting: []) == 0)
            }
        }
    }

    @Test("forgotten, frees what was said, but for tables of contents and what is written anew")
    func pruning() throws {
        for seed in seeds {
            try withScene(seed, snapshots: 6) { scene, repository in
                try prune(scene, repository)
                let going = repository.state.snapshots.prefix(3)
                let said = try repository.bytesFreed(byForgetting: going.map(\.id))
                let before = scene.packBytes
                _ = try repository.forget(Array(going))
                try prune(scene, repository)
                let freed = before - scene.packBytes
                #expect(said > 0)
                #expect(abs(freed - said) < max(said / 5, 8_000), "VARVE_SEED=\(seed)")
            }
        }
    }

    /// Twice, for what is written anew may release more.
    private func prune(_ scene: Scene, _ repository: Repository) throws {
        for _ in 0..<2 {
            var options = PruneOptions()
            options.isImmediate = true
            options.unusedMax = .percent(0)
            scene.pass(seconds: 2 * Scene.day)
            _ = try repository.prune(options)
            try repository.refresh()
        }
    }

    @Test("of a damaged repository is not guessed")
    func damage() throws {
        try withScene(7, snapshots: 2) { scene, _ in
            let name = try #require(
                scene.storage.contents.keys.first { $0.hasPrefix("snapshots/") })
            scene.storage.removeQuietly(name)
            #expect(throws: RepositoryError.self) { try scene.open(machine: "two").occupancy() }
        }
    }

    @Test("belongs to nobody, one or several")
    func owners() {
        var table = OwnerTable(expecting: 0)
        var random = SeededNumbers.fresh()
        var expected: [UInt64: Set<Int>] = [:]
        for _ in 0..<5_000 {
            let prefix = random.next() & 0xffff << 48 | 3
            let number = random.below(4)
            table.join(prefix, .one(number))
            expected[prefix, default: []].insert(number)
        }
        for (prefix, numbers) in expected {
            let one = numbers.count == 1 ? numbers.first.map(Owner.one) : nil
            #expect(table[prefix] == one ?? .several)
        }
        #expect(table[1] == .nobody)
    }
}
