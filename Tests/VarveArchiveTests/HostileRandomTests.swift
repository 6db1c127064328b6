import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

/// Random trees over random targets, both full of what leads elsewhere.
@Suite("A restore of random hostile trees", .timeLimit(.minutes(600)))
struct HostileRandomTests {
    private let seed = TestRun.seed()
    private let count = TestRun.isLong ? 1_000_000 : 300
    /// Cases of one snapshot.
    private let together = 50

    @Test("leaves everything outside the target as it was")
    func outside() throws {
        for start in stride(from: 0, to: count, by: together) {
            var random = SeededNumbers(seed &+ UInt64(start))
            let (box, repository) = try Sandbox.inMemory()
            let world = try OutsideWorld(box.path + "/outside")
            try File.makeDirectory(box.target)
            let target = try File.openDirectory(box.target)
            var entries: [HandmadeEntry] = []
            for number in 0..<together {
                let name = "case \(1000 + number)"
                try target.makeDirectory(name, mode: 0o755)
                try random.fill(try target.openDirectory(name), world.path, depth: 0)
                let list = random.entries(world.path, depth: 0)
                entries.append(.directory(name, list.map { $0.inGroups(after: number / 2 * 10) }))
            }
            let stored = try box.store(entries, repository, sources: ["/"])
            let before = try world.picture()
            for _ in 0..<2 {
                let rule = random.element(OverwriteRule.allCases)
                let (deletes, sparse, verifies) = (random.flag(), random.flag(), random.flag())
                _ = try box.restore(stored, repository) {
                    $0.overwrite = rule
                    ($0.deletes, $0.sparse, $0.verifies) = (deletes, sparse, verifies)
                }
                let after = try world.picture()
                #expect(after == before, "VARVE_SEED=\(seed &+ UInt64(start))")
            }
        }
    }
}

extension SeededNumbers {
    /// Few names, so that they meet; now and then one that no directory may hold.
    fileprivate mutating func hostileName() -> [UInt8] {
        if below(40) == 0 { return element(HostileTreeTests.names) }
        return Array(element(["directory", "file", "link", "x", "y", "child"]).utf8)
    }

    fileprivate mutating func away(_ outside: String) -> String {
        element([
            outside, outside + "/directory", outside + "/file", outside + "/fifo", "..", "../..",
            "x", "../x", "/", outside + "/absent", "../../../outside/file",
        ])
    }

    fileprivate mutating func entries(_ outside: String, depth: Int) -> [HandmadeEntry] {
        var entries = (0..<below(6)).map { _ in entry(outside, depth: depth) }
        // Mostly as a directory has to be, else it would be refused at its start.
        if below(10) > 0 {
            var seen: Set<[UInt8]> = []
            entries.sort { $0.node.name.lexicographicallyPrecedes($1.node.name) }
            entries.removeAll { !seen.insert($0.node.name).inserted }
        }
        return entries
    }

    private mutating func entry(_ outside: String, depth: Int) -> HandmadeEntry {
        let kinds: [Node.Kind] = [
            .file, .file, .file, .directory, .directory, .symlink, .symlink, .fifo, .socket,
            .characterDevice,
        ]
        var entry = HandmadeEntry(element(kinds), hostileName(), mode: UInt32(below(0o10000)))
        entry.node.modified = element([0, 1, -1, .min, .max, 2_000_000_000_000_000_000])
        if entry.node.kind != .directory, below(3) == 0 { entry.node.hardLinkGroup = 1 + below(4) }
        if below(6) == 0 {
            let name = element([
                "user.a", "system.posix_acl_access", "trusted.x", "security.x", "b",
            ])
            entry.node.attributes = [.init(name: Array(name.utf8), value: [UInt8(below(256))])]
        }
        switch entry.node.kind {
        case .directory:
            if depth < 3 { entry.entries = entries(outside, depth: depth + 1) }
        case .symlink: entry.node.target = Array(away(outside).utf8)
        case .file:
            entry.bytes = lines(element([0, 1, 30, 400]), seed: below(3))
            if below(5) == 0 {
                let data = below(entry.bytes.count + 1)
                entry.node.holes = [.init(dataBytes: data, holeBytes: 1 + below(70_000))]
            }
        default: break
        }
        return entry
    }

    /// Puts entries into a directory of the target.
    fileprivate mutating func fill(_ directory: borrowing File, _ outside: String, depth: Int)
        throws
    {
        for _ in 0..<below(6) {
            let name = element(["directory", "file", "link", "x", "y", "child"])
            switch below(7) {
            case 0, 1: try? directory.makeSymlink(to: away(outside), name)
            case 2:
                try? directory.makeLink(name, to: "victim", in: try File.openDirectory(outside))
            case 3: try? directory.makeNode(name, kind: .fifo, mode: 0o600)
            case 4:
                guard let file = try? directory.createFile(name) else { continue }
                try file.write(lines(element([0, 1, 30, 400]), seed: below(3)))
            default:
                guard depth < 3, (try? directory.makeDirectory(name, mode: 0o755)) != nil else {
                    continue
                }
                try fill(try directory.openDirectory(name), outside, depth: depth + 1)
            }
        }
    }
}
