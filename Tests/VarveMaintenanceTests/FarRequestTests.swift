import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("Requests to a far storage")
struct FarRequestTests {
    private let scene: Scene
    private let far: FarStorage

    init() throws {
        scene = try Scene()
        far = FarStorage(scene.storage, staging: scene.path + "/staging")
        var random = SeededNumbers(7)
        for number in 0..<6 {
            try scene.write("d\(number % 3)/f\(number)", random.bytes(300_000))
        }
        try scene.snapshot(try scene.open(far))
    }

    /// How many requests of each kind `body` makes.
    private func requests(_ body: () throws -> Void) rethrows -> [String: Int] {
        far.reset()
        try body()
        return far.counts
    }

    private let opening = ["get varve.json": 1, "get keys/": 1, "list log/": 1, "get log/": 1]

    @Test("opening and listing take 4, reading trees no more")
    func reading() throws {
        #expect(try requests { _ = try scene.open(far) }.values.reduce(0, +) == 4)
        #expect(
            try requests { try scene.expectWhole(try scene.open(far)) }.values.reduce(0, +) == 4)
    }

    /// Takes snapshots until one stores nothing but itself, for files that are seconds old count as
    /// changed; returns its requests.
    private func unchangedSnapshot() throws -> [String: Int] {
        for _ in 0..<100 {
            let before = scene.packBytes
            let counts = try requests { try scene.snapshot(try scene.open(far)) }
            if scene.packBytes == before { return counts }
        }
        throw RepositoryError.refused(reason: "each snapshot stores something")
    }

    @Test("a snapshot of what has not changed takes 11 with the opening")
    func unchanged() throws {
        for _ in 0..<2 {
            let counts = try unchangedSnapshot()
            #expect(counts.values.reduce(0, +) == 11)
            #expect(counts["list log/"] == 2)
            #expect(counts["get log/"] == 3, "the head, the head once more, and the new record")
        }
        try scene.expectWhole()
    }

    @Test("a snapshot of little that is new takes one for each pack and the segment more")
    func changed() throws {
        var random = SeededNumbers(8)
        try scene.write("d0/f0", random.bytes(300_000))
        let counts = try requests { try scene.snapshot(try scene.open(far)) }
        #expect(counts.filter { $0.key.hasPrefix("put packs/") }.values.reduce(0, +) == 2)
        #expect(counts.values.reduce(0, +) == 14)
        try scene.expectWhole()
    }

    @Test("a snapshot of what is like the last one reads nothing that this machine has stored")
    func similar() throws {
        let repository = try scene.open(far)
        var random = SeededNumbers(7)
        var bytes = random.bytes(300_000)
        for place in stride(from: 1_000, to: 300_000, by: 9_000) { bytes[place] ^= 1 }
        try scene.write("d0/f0", bytes)
        let before = scene.packBytes
        let counts = try requests { try scene.snapshot(repository) }
        #expect(scene.packBytes - before < 60_000, "it was stored as differences")
        #expect(counts.keys.filter { $0.hasPrefix("get packs/") || $0.hasPrefix("read ") } == [])
        try scene.expectWhole()
    }

    @Test("a prune that finds nothing to do takes 13 with the opening")
    func prune() throws {
        scene.pass(seconds: 90_000)
        for _ in 0..<2 {
            let counts = try requests { _ = try scene.open(far).prune(PruneOptions()) }
            #expect(counts.values.reduce(0, +) == 13)
            #expect(
                counts.keys.filter { $0.hasPrefix("get packs/") || $0.hasPrefix("read ") } == [])
        }
    }

    @Test("another machine fetches each record, tree pack and segment once")
    func elsewhere() throws {
        let repository = try scene.open(far)
        for _ in 0..<70 { try scene.snapshot(repository) }
        let names = scene.storage.contents.keys
        let first = try requests { try scene.expectWhole(try scene.open(far, machine: "two")) }
        #expect(first["get state/"] == 1)
        #expect(first["get log/"] == Int(repository.state.number) - 64, "from the checkpoint on")
        let trees = first.filter { $0.key.hasPrefix("get packs/meta/") }.values.reduce(0, +)
        #expect(trees == names.filter { $0.hasPrefix("packs/meta/") }.count)
        #expect(first["get index/"] == names.filter { $0.hasPrefix("index/") }.count)
        #expect(first["get snapshots/"] == 71)
        #expect(try requests { _ = try scene.open(far, machine: "two") } == opening)
    }

    @Test("keys that were changed elsewhere are found, whatever this machine remembers")
    func keys() throws {
        let other = try scene.open(machine: "two")
        _ = try other.rotateKeys()
        try scene.snapshot(other)
        try scene.snapshot(try scene.open(far))
        #expect(try requests { _ = try scene.open(far) } == opening)
        try scene.expectWhole()
    }
}
