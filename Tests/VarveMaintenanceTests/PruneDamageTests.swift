import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Prune, with damaged packs")
struct PruneDamageTests {
    private let scene: Scene
    /// The packs of two snapshots of the same of which each chunk lies in another one, too.
    private let twins: [String]

    init() throws {
        var random = SeededNumbers(31)
        let scene = try Scene()
        try scene.write("d0/twice", random.bytes(90_000))
        let other = try scene.open(machine: "other")
        let box = Unchecked(scene)
        // Each has looked what is stored before the other one commits.
        let hooked = HookedStorage(scene.storage, before: "put snapshots/") {
            _ = try? box.value.snapshot(other)
        }
        try scene.snapshot(scene.open(hooked))
        let repository = try scene.open()
        let packs = try repository.state.segments.flatMap { try repository.segment($0).packs }
        let chunks = packs.map { Set($0.table.frames.flatMap(\.chunks).map(\.id)) }
        twins = packs.indices.filter { pack in
            packs.indices.contains { $0 != pack && chunks[$0].isSuperset(of: chunks[pack]) }
        }.map { ObjectName.pack(packs[$0].id, packs[$0].table.contents) }.sorted()
        #expect(twins.count { $0.hasPrefix("packs/data/") } == 2)
        self.scene = scene
    }

    /// So many more snapshots, each with a pack of its own, that short ones are written anew.
    private func fill(_ count: Int = 8) throws {
        var random = SeededNumbers(32)
        let repository = try scene.open()
        for round in 0..<count {
            try scene.write("d1/f\(round)-\(scene.seconds)", random.bytes(20_000))
            try scene.snapshot(repository)
        }
    }

    private static func options(immediate: Bool) -> PruneOptions {
        var options = PruneOptions()
        options.isImmediate = immediate
        return options
    }

    /// Where a pack is hurt.
    enum Place: CaseIterable {
        case frame, table, trailer, cut

        func hurt(_ bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            switch self {
            case .frame: bytes[200] ^= 1
            case .table: bytes[bytes.count - 60] ^= 1
            case .trailer: bytes[bytes.count - 3] ^= 1
            case .cut: bytes.removeLast(bytes.count / 2)
            }
            return bytes
        }
    }

    /// Prunes twice, with days between, so that whatever goes is gone.
    private func prune(_ storage: MemoryStorage, immediate: Bool) throws -> [PruneReport] {
        try (0..<2).map { round in
            let days = Int64(round) * 9
            storage.setClock((scene.seconds + days * Scene.day) * 1_000_000_000)
            return try scene.open(storage, machine: randomName()).prune(
                Self.options(immediate: immediate))
        }
    }

    @Test(
        "keeps the good copy of what it reads damaged, whichever it had chosen to keep",
        arguments: Place.allCases, [false, true])
    func goodCopy(place: Place, immediate: Bool) throws {
        try fill()
        var damageSeen = 0
        for name in twins {
            let storage = scene.storage.duplicate()
            storage.overwrite(name, place.hurt(try #require(storage.contents[name])))
            let before = Set(storage.contents.keys)
            do {
                let reports = try prune(storage, immediate: immediate)
                #expect(reports.reduce(0) { $0 + $1.packsSwept } >= 10)
                if reports.contains(where: { !$0.damaged.isEmpty }) { damageSeen += 1 }
            } catch RepositoryError.damaged {
                damageSeen += 1
                #expect(before.isSubset(of: storage.contents.keys))
            }
            try scene.expectWhole(scene.open(storage, machine: randomName()))
        }
        // One of them had been chosen to be kept.
        #expect(damageSeen >= 1)
    }

    @Test("removes no good copy that was condemned before the other one was found damaged")
    func condemnedBefore() throws {
        _ = try scene.open().prune(PruneOptions())
        let condemned = Set(try scene.open().state.condemned.map(\.object.name))
        #expect(!condemned.isEmpty)
        try fill()
        for name in Set(twins).subtracting(condemned) {
            let storage = scene.storage.duplicate()
            storage.overwrite(name, Place.frame.hurt(try #require(storage.contents[name])))
            storage.setClock((scene.seconds + 9 * Scene.day) * 1_000_000_000)
            let report = try scene.open(storage, machine: randomName()).prune(PruneOptions())
            #expect(!report.damaged.isEmpty && report.packsSwept >= condemned.count / 2)
            try scene.expectWhole(scene.open(storage, machine: randomName()))
        }
    }

    @Test("condemns and removes nothing when a chunk that is needed cannot be read anywhere")
    func nowhere() throws {
        try fill()
        let storage = scene.storage.duplicate()
        for name in twins where name.hasPrefix("packs/data/") {
            storage.overwrite(name, Place.frame.hurt(try #require(storage.contents[name])))
        }
        let before = Set(storage.contents.keys)
        let repository = try scene.open(storage, machine: "nowhere")
        let report = try repository.prune(Self.options(immediate: true))
        #expect(!report.damaged.isEmpty && report.packsCondemned == 0 && report.packsSwept == 0)
        #expect(repository.state.condemned.isEmpty)
        #expect(Set(storage.contents.keys) == before)
    }

    @Test("takes a needed pack that is too short for a missing one")
    func cut() throws {
        var refused = 0
        for name in twins {
            let storage = scene.storage.duplicate()
            storage.overwrite(name, Place.cut.hurt(try #require(storage.contents[name])))
            let before = storage.contents.keys.filter { !$0.hasPrefix("log/") }
            do {
                _ = try prune(storage, immediate: true)
            } catch RepositoryError.damaged(_, let reason, _) {
                #expect(reason.contains("should have"))
                #expect(Set(before).isSubset(of: storage.contents.keys))
                refused += 1
            }
            try scene.expectWhole(scene.open(storage, machine: randomName()))
        }
        #expect(refused >= 1)
    }
}
