import TestSupport
import Testing
import VarveArchive
import VarveCatalog
import VarveFormat
import VarveStorage
import VarveSystem

@testable import VarveRepository

@Suite("A mark")
struct MarkTests {
    let depot: Depot
    let tree: String

    init() throws {
        depot = try Depot()
        tree = depot.path + "/tree"
        try File.makeDirectory(tree)
    }

    @Test("that follows what changes finds what one finds that begins anew", arguments: 1...4)
    func incremental(seed: Int) throws {
        var random = SeededNumbers(UInt64(seed))
        let repository = try depot.create()
        for round in 0..<10 {
            try change(&random)
            _ = try takeSnapshot(
                of: .tree([Array(tree.utf8)]), into: repository,
                SnapshotOptions(time: Int64(round), host: "host", user: "user", program: "test"))
            if round % 3 == 2, let one = repository.state.snapshots.randomElement(using: &random) {
                try repository.append { _ in .forget([one.id]) }
            }
            let remembered = try live(repository)
            let other = try depot.open(machine: "\(round)")
            #expect(try live(other) == remembered)
            #expect(try needed(repository) == remembered)
        }
    }

    @Test("begins anew when what it remembers is damaged")
    func damage() throws {
        var random = SeededNumbers(7)
        let repository = try depot.create()
        for round in 0..<3 {
            try change(&random)
            _ = try takeSnapshot(
                of: .tree([Array(tree.utf8)]), into: repository,
                SnapshotOptions(time: Int64(round), host: "host", user: "user", program: "test"))
        }
        let whole = try live(repository)
        let edges = depot.directories().cache + "/" + repository.id.hex + "/edges"
        for part in ["edges", "table-"] {
            let names = try File.openDirectory(edges).entries().map {
                String(decoding: $0.name, as: UTF8.self)
            }
            let path = edges + "/" + (try #require(names.first { $0.hasPrefix(part) }))
            var bytes = try File.contents(of: path, limit: 1 << 20)
            bytes[bytes.count / 2] ^= 1
            try File.createOrTruncate(path).write(bytes)
            #expect(try live(repository) == whole)
        }
    }

    @Test("fails when a tree of a live snapshot cannot be read")
    func unreadable() throws {
        let storage = MemoryStorage()
        let depot = try Depot(storage)
        let repository = try depot.create()
        try repository.store([noise(5_000, seed: 1)])
        for name in storage.contents.keys where name.hasPrefix("packs/meta/") {
            storage.removeQuietly(name)
        }
        var mark = try Mark(repository)
        let error = #expect(throws: RepositoryError.self) {
            try mark.read(repository.state) { _ in }
        }
        guard case .damaged = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Some new, changed and removed files in a few directories.
    private func change(_ random: inout SeededNumbers) throws {
        for _ in 0..<12 {
            let directory = tree + "/d\(random.next() % 5)/e\(random.next() % 3)"
            try File.makeDirectories(directory)
            let path = directory + "/f\(random.next() % 9)"
            if random.next() % 4 == 0 {
                try? File.remove(path)
            } else {
                let bytes = noise(Int(random.next() % 90_000), seed: random.next() % 20)
                try File.createOrTruncate(path).write(bytes)
            }
        }
    }

    private func live(_ repository: Repository) throws -> Set<ChunkID> {
        var mark = try Mark(repository)
        let (live, missed) = try mark.read(repository.state) { scan in
            var live: Set<ChunkID> = []
            try repository.loadIndex().catalog.forEachChunkWithCopies { id, _ in
                if try scan.contains(id) { live.insert(id) }
            }
            return live
        }
        #expect(missed == 0)
        return live
    }

    /// What the live snapshots need, found as a reader finds it.
    private func needed(_ repository: Repository) throws -> Set<ChunkID> {
        var found: Set<ChunkID> = []
        var reader = try ChunkReader(repository)
        func add(_ content: Content) throws {
            var lists = content.depth > 0 ? content.entries : []
            for depth in (0..<max(content.depth, 0)).reversed() {
                found.formUnion(lists.map(\.id))
                lists = try lists.flatMap { try reader.list($0, depth: depth).entries }
            }
            found.formUnion((content.depth > 0 ? lists : content.entries).map(\.id))
        }
        func walk(_ content: Content) throws {
            try add(content)
            for node in try reader.nodes(of: content) {
                guard let content = node.content else { continue }
                if node.kind == .directory { try walk(content) } else { try add(content) }
            }
        }
        for entry in repository.state.snapshots {
            let manifest = try repository.manifest(entry)
            try walk(manifest.root.content)
            if let list = manifest.statList { try add(list) }
        }
        return found
    }
}
