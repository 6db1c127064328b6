import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage

@testable import VarveMaintenance

@Suite("Check")
struct CheckTests {
    private let scene: Scene
    private let repository: Repository
    /// The snapshot of `d0/a`, and that of `d0/a` and `d1/b`.
    private let first: SnapshotID
    private let second: SnapshotID
    private let packOfA: String
    private let packOfB: String

    init() throws {
        var random = SeededNumbers(11)
        scene = try Scene()
        repository = try scene.open()
        try scene.write("d0/a", random.bytes(60_000))
        first = try scene.snapshot(repository)
        packOfA = try #require(Self.dataPacks(scene).first)
        try scene.write("d1/b", random.bytes(60_000))
        second = try scene.snapshot(repository)
        let pack = packOfA
        packOfB = try #require(Self.dataPacks(scene).first { $0 != pack })
    }

    private static func dataPacks(_ scene: Scene) -> [String] {
        scene.storage.contents.keys.filter { $0.hasPrefix("packs/data/") }
    }

    @Test("finds nothing in what is whole, also after forgetting and pruning", arguments: 1...3)
    func whole(seed: Int) throws {
        var random = SeededNumbers(UInt64(seed))
        let scene = try Scene()
        let repository = try scene.open()
        for round in 0..<8 {
            try scene.change(&random)
            try scene.snapshot(repository)
            scene.pass(seconds: 2 * Scene.day)
            if round.isMultiple(of: 3) {
                try repository.append { .forget($0.snapshots.dropLast(2).map(\.id)) }
                var options = PruneOptions()
                options.isImmediate = random.flag()
                options.unusedMax = .percent(0)
                _ = try repository.prune(options)
            }
            for selection in [PackSelection.none, .all] {
                let checked = try Checked(scene.storage, of: scene, reading: selection)
                #expect(checked.report.findings == [])
                #expect(checked.report.packsRead == (selection == .all ? checked.report.packs : 0))
            }
        }
    }

    @Test("says which files of which snapshots a damaged pack of data takes with it")
    func data() throws {
        for (pack, hit) in [
            (packOfA, [first: Set(["d0/a"]), second: ["d0/a"]]), (packOfB, [second: ["d1/b"]]),
        ] {
            for harm in Harm.allCases {
                let storage = scene.storage.duplicate()
                harm.befall(pack, in: storage)
                let quick = try Checked(storage, of: scene)
                // A changed byte is found by reading it.
                #expect(quick.report.isDamaged == (harm != .flipped), "\(harm)")
                let full = try Checked(storage, of: scene, reading: .all)
                #expect(full.damaged.contains(pack), "\(harm)")
                #expect(full.hits(in: scene) == hit, "\(harm)")
            }
        }
    }

    @Test("says which directories and files a damaged pack of metadata takes with it")
    func metadata() throws {
        let packs = scene.storage.contents.keys.filter { $0.hasPrefix("packs/meta/") }
        #expect(packs.count == 2)
        for pack in packs {
            for harm in Harm.allCases {
                let storage = scene.storage.duplicate()
                harm.befall(pack, in: storage)
                let checked = try Checked(storage, of: scene, reading: .all)
                #expect(checked.damaged.contains(pack), "\(harm)")
                #expect(checked.report.hits.count == 1)
                let parts = try #require(checked.hits(in: scene).values.first)
                #expect(!parts.isEmpty && !parts.contains("everything"), "\(harm)")
            }
        }
    }

    @Test("a damaged segment or manifest is told with what it takes with it")
    func segmentsAndManifests() throws {
        for harm in Harm.allCases {
            for entry in repository.state.snapshots {
                let storage = scene.storage.duplicate()
                let name = ObjectName.manifest(entry.manifest)
                harm.befall(name, in: storage)
                let checked = try Checked(storage, of: scene)
                #expect(checked.damaged == [name], "\(harm)")
                #expect(checked.hits(in: scene) == [entry.id: ["everything"]], "\(harm)")
            }
            for id in repository.state.segments {
                let storage = scene.storage.duplicate()
                harm.befall(ObjectName.segment(id), in: storage)
                let checked = try Checked(storage, of: scene)
                #expect(checked.damaged.contains(ObjectName.segment(id)), "\(harm)")
                #expect(checked.report.hits[second] != nil, "\(harm)")
            }
        }
    }

    @Test("a damaged segment is told though this machine's cache still knows what it said")
    func cached() throws {
        let id = try #require(repository.state.segments.first)
        _ = try repository.statistics()
        scene.storage.removeQuietly(ObjectName.segment(id))
        let before = try scene.open()
        let checked = try Checked(before)
        #expect(checked.report.hits.count == 2)
        // The cache is as it was: what it knows may be all that is left.
        try scene.expectWhole(scene.open())
    }

    @Test("one damaged copy is a warning, both are damage or an end with the same words")
    func copies() throws {
        let names = scene.storage.contents.keys.filter {
            $0.hasSuffix(".copy") && !$0.hasPrefix("packs/")
        }
        #expect(names.count >= 3 + 3)
        for copy in names {
            let name = copy.replacing(".copy", with: "")
            for harm in Harm.allCases {
                for harmed in [copy, name] {
                    let storage = scene.storage.duplicate()
                    harm.befall(harmed, in: storage)
                    let checked = try Checked(storage, of: scene)
                    #expect(!checked.report.isDamaged, "\(harmed) \(harm)")
                    #expect(checked.warned == [name], "\(harmed) \(harm)")
                }
                let storage = scene.storage.duplicate()
                harm.befall(copy, in: storage)
                harm.befall(name, in: storage)
                #expect(isNoticed(storage), "\(name) \(harm)")
            }
        }
    }

    /// Whether an opening refuses, or a check finds something, on the machine that took the
    /// snapshots: of a log that has lost its end no other can know.
    private func isNoticed(_ storage: MemoryStorage) -> Bool {
        do {
            return try !Checked(scene.open(storage)).report.findings.isEmpty
        } catch {
            return true
        }
    }

    @Test("every object that is removed is noticed, but for the log before its last checkpoint")
    func removed() throws {
        // Two checkpoints and more.
        for round in 0..<140 {
            _ = try repository.amend(second) { _ in .pin(round.isMultiple(of: 2)) }
        }
        try repository.append { _ in .forget([first]) }
        let checkpoint = ObjectName.record(128)
        let states = scene.storage.contents.keys.filter { $0.hasPrefix(ObjectName.states) }
        #expect(states.count == 2)
        var unnoticed: Set<String> = []
        for name in scene.storage.contents.keys where !name.hasSuffix(".copy") {
            let storage = scene.storage.duplicate()
            storage.removeQuietly(name)
            storage.removeQuietly(name + ".copy")
            if !isNoticed(storage) { unnoticed.insert(name) }
        }
        let older = (0..<128).map { ObjectName.record($0) }
        #expect(unnoticed.subtracting(older).count { $0.hasPrefix(ObjectName.states) } == 1)
        // The manifest of a forgotten snapshot is needed by nothing.
        #expect(unnoticed.subtracting(older).count { $0.hasPrefix(ObjectName.snapshots) } == 1)
        #expect(unnoticed.subtracting(older).count == 2)
        #expect(scene.storage.contents[checkpoint] != nil && !unnoticed.contains(checkpoint))
    }

    @Test("a damaged state is a warning while the records before it say the same")
    func states() throws {
        for round in 0..<70 {
            _ = try repository.amend(second) { _ in .pin(round.isMultiple(of: 2)) }
        }
        let state = try #require(
            scene.storage.contents.keys.first { $0.hasPrefix(ObjectName.states) })
        for harm in Harm.allCases {
            let storage = scene.storage.duplicate()
            harm.befall(state, in: storage)
            let checked = try Checked(storage, of: scene)
            #expect(checked.warned == [state] && !checked.report.isDamaged, "\(harm)")
            storage.removeQuietly(ObjectName.record(3) + ".copy")
            let worse = try Checked(storage, of: scene)
            #expect(worse.warned == [state, ObjectName.record(3)], "\(harm)")
        }
    }

    @Test("changes nothing, whatever it finds")
    func unchanged() throws {
        for harm in [Harm?.none, .flipped, .removed] {
            let storage = scene.storage.duplicate()
            harm?.befall(packOfA, in: storage)
            let before = storage.contents
            let watched = FaultyStorage(storage)
            _ = try Checked(watched, of: scene, reading: .all)
            #expect(watched.calls > 20)
            let calls = Set(watched.history.map { String($0.prefix { $0 != " " }) })
            #expect(calls.subtracting(["get", "read", "size", "list", "settle"]) == [])
            #expect(storage.contents == before)
        }
    }
}
