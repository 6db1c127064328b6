import TestSupport
import Testing
import VarveArchive
import VarveCodec
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Check: packs and prune")
struct CheckReadingTests {
    @Test("every flipped bit of every pack is found by reading all")
    func bits() throws {
        var random = SeededNumbers(1)
        let scene = try Scene()
        let repository = try scene.open()
        try scene.write("d0/a", random.bytes(20_000))
        try scene.snapshot(repository)
        for (name, bytes) in scene.storage.contents where name.hasPrefix("packs/") {
            for offset in stride(from: 0, to: bytes.count, by: bytes.count / 23) {
                let storage = scene.storage.duplicate()
                var harmed = bytes
                harmed[offset] ^= UInt8(1 << random.below(8))
                storage.overwrite(name, harmed)
                let checked = try Checked(storage, of: scene, reading: .all)
                #expect(checked.damaged.contains(name), "byte \(offset)")
            }
        }
    }

    @Test("a pack that is whole under the name of another is damage")
    func exchanged() throws {
        var random = SeededNumbers(2)
        let scene = try Scene()
        let repository = try scene.open()
        for name in ["d0/a", "d0/b"] {
            try scene.write(name, random.bytes(20_000))
            try scene.snapshot(repository)
        }
        let packs = scene.storage.contents.filter { $0.key.hasPrefix("packs/data/") }
            .sorted { $0.key < $1.key }
        #expect(packs.count == 2)
        let storage = scene.storage.duplicate()
        storage.overwrite(packs[0].key, packs[1].value)
        let checked = try Checked(storage, of: scene, reading: .all)
        #expect(checked.damaged.contains(packs[0].key))
        #expect(!checked.report.hits.isEmpty)
    }

    @Test("a pack in which all opens, and whose name is of other bytes, is damage")
    func sealedAnew() throws {
        var random = SeededNumbers(6)
        let scene = try Scene()
        let repository = try scene.open()
        try scene.write("d0/a", random.bytes(20_000))
        try scene.snapshot(repository)
        let name = try #require(
            scene.storage.contents.keys.first { $0.hasPrefix("packs/data/") })
        let old = try #require(scene.storage.contents[name])
        let table = try repository.tableOfContents(of: name).table
        var writer = ByteWriter()
        table.encode(into: &writer)
        var sealer = try UnitSealer(repository.keys)
        let sealed = try sealer.seal(.tableOfContents, body: writer.bytes)
        let new = old.prefix(table.frameBytes) + sealed + old.suffix(PackTrailer.byteCount)
        #expect(new.count == old.count)
        scene.storage.overwrite(name, Array(new))
        let checked = try Checked(scene.storage, of: scene, reading: .all)
        #expect(checked.damaged == [name])
        // Every chunk in it can be had.
        #expect(checked.report.hits.isEmpty)
    }

    @Test("a tree that says another length of a chunk than the index is damage")
    func lengths() throws {
        let scene = try Scene()
        let repository = try scene.open()
        try WriteSession.run(repository) { session in
            var writer = try ChunkWriter(session)
            let id = try writer.storeMetadata(Array(repeating: 7, count: 5_000))
            try writer.flush()
            let wrong = Content(size: 5_001, depth: 0, entries: [.init(id: id, bytes: 5_001)])
            let manifest = SnapshotManifest(
                id: try #require(SnapshotID(randomBytes(32))), time: 1, host: "host", user: "user",
                sources: [.init(kind: .path, name: Array("/srv".utf8))],
                root: .init(content: .empty, entries: 0), statList: wrong, program: "test")
            let summary = SnapshotSummary(
                time: 1, host: "host", user: "user", sources: ["/srv"], tags: [])
            try session.commit(manifest, segments: session.finish(), summary)
        }
        let checked = try Checked(scene.storage, of: scene)
        #expect(checked.damaged.count == 1 && checked.damaged.first?.hasPrefix("chunk ") == true)
        #expect(checked.hits(in: scene).values.first == ["stat list"])
    }

    @Test("a lost base takes the deltas on it with it, wherever they lie")
    func bases() throws {
        var random = SeededNumbers(3)
        let scene = try Scene()
        let repository = try scene.open()
        var bytes = random.bytes(60_000)
        try scene.write("d0/a", bytes)
        let first = try scene.snapshot(repository)
        let base = try #require(
            scene.storage.contents.keys.first { $0.hasPrefix("packs/data/") })
        bytes[30_000] ^= 1
        try scene.write("d0/a", bytes)
        let second = try scene.snapshot(repository)
        #expect(try repository.statistics().bytesSimilar > 0, "there is no delta to test with")
        for harm in Harm.allCases {
            let storage = scene.storage.duplicate()
            harm.befall(base, in: storage)
            let checked = try Checked(storage, of: scene, reading: .all)
            #expect(checked.hits(in: scene) == [first: ["d0/a"], second: ["d0/a"]], "\(harm)")
            // The pack of the delta is whole.
            #expect(!checked.damaged.contains { $0.hasPrefix("packs/") && $0 != base }, "\(harm)")
            // Without reading the pack of the delta it is found all the same.
            guard harm != .flipped else { continue }
            let quick = try Checked(storage, of: scene)
            #expect(quick.hits(in: scene) == [first: ["d0/a"], second: ["d0/a"]], "\(harm)")
        }
    }

    @Test("what a prune takes away meanwhile is no damage")
    func pruned() throws {
        var random = SeededNumbers(4)
        for call in ["list packs/", "get snapshots/", "get index/", "read packs/data/"] {
            let scene = try Scene()
            let repository = try scene.open()
            for _ in 0..<6 {
                try scene.change(&random)
                try scene.snapshot(repository)
            }
            let hooked = HookedStorage(scene.storage, before: call) {
                _ = try? repository.append { .forget($0.snapshots.dropLast().map(\.id)) }
                var options = PruneOptions()
                options.isImmediate = true
                options.unusedMax = .percent(0)
                _ = try? repository.prune(options)
            }
            let checked = try Checked(hooked, of: scene, reading: .all)
            #expect(checked.report.findings == [], "\(call)")
            #expect(!repository.state.swept.isEmpty, "\(call): nothing was swept")
        }
    }

    @Test("a part is of those checked longest ago, and goes round; a damaged pack stays first")
    func rounds() throws {
        var random = SeededNumbers(5)
        let scene = try Scene()
        let repository = try scene.open()
        for round in 0..<3 {
            try scene.write("d0/f\(round)", random.bytes(30_000))
            try scene.snapshot(repository)
        }
        let checked = try Checked(repository, reading: .part(of: 3))
        #expect(checked.report.packs == 6 && checked.report.packsRead == 2)
        let file = repository.placeDirectory + "/checked"
        let remembered = CheckedPacks(directory: repository.placeDirectory)
        #expect(remembered.times.count == 2)
        for count in [4, 6, 6] {
            _ = try Checked(repository, reading: .percent(30))
            #expect(CheckedPacks(directory: repository.placeDirectory).times.count == count)
        }
        var bytes = try File.contents(of: file, limit: 1 << 20)
        bytes[bytes.count / 2] ^= 1
        try File.createOrTruncate(file).write(bytes)
        #expect(CheckedPacks(directory: repository.placeDirectory).times.isEmpty)
        _ = try Checked(scene.open(), reading: .all)
        let pack = try #require(scene.storage.contents.keys.first { $0.hasPrefix("packs/data/") })
        Harm.flipped.befall(pack, in: scene.storage)
        let again = try scene.open()
        let found = try Checked(again, reading: .all)
        #expect(found.damaged == [pack])
        #expect(CheckedPacks(directory: repository.placeDirectory).times.count == 5)
        #expect(try Checked(scene.open(), reading: .bytes(1)).damaged == [pack])
    }

    @Test("what was read of a repository says nothing of a copy of it")
    func elsewhere() throws {
        var random = SeededNumbers(6)
        let scene = try Scene()
        try scene.change(&random)
        try scene.snapshot(try scene.open())
        let whole = try Checked(scene.open(), reading: .all)
        #expect(whole.report.packsRead == whole.report.packs)
        let mirror = MemoryStorage(contents: scene.storage.contents, location: "elsewhere")
        let copy = try scene.open(mirror)
        #expect(CheckedPacks(directory: copy.placeDirectory).times.isEmpty)
        #expect(try copy.status(now: 0).lastCheck == nil)
        #expect(try scene.open().status(now: 0).lastCheck != nil)
    }

    @Test("a selection is of the oldest, and never of none")
    func selection() throws {
        let packs = try (0..<10).map { number in
            (id: try #require(PackID(Array(repeating: UInt8(number), count: 32))), bytes: 100)
        }
        var times: [PackID: Int64] = [:]
        for (age, pack) in packs.enumerated() where age > 2 { times[pack.id] = Int64(100 - age) }
        func chosen(_ selection: PackSelection) -> [Int] {
            selection.chosen(from: packs, checked: times).map { Int($0.bytes[0]) }
        }
        #expect(chosen(.none) == [])
        #expect(chosen(.all) == [0, 1, 2, 9, 8, 7, 6, 5, 4, 3])
        #expect(chosen(.part(of: 3)) == [0, 1, 2, 9])
        #expect(chosen(.part(of: 100)) == [0])
        #expect(chosen(.percent(50)) == [0, 1, 2, 9, 8])
        #expect(chosen(.bytes(250)) == [0, 1, 2])
        #expect(chosen(.bytes(1)) == [0])
    }
}
