import Synchronization
import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

/// Right before each file call in turn, what the call is about becomes a link to the outside.
@Suite("A restore in which something is exchanged before a call")
struct HostileSweepTests {
    /// What is exchanged, as seen from the path of the call.
    enum Exchanged: CaseIterable { case entry, directory, directoryAbove }

    /// What the target holds before.
    enum Start: CaseIterable { case nothing, equal, different }

    @Test(
        "leaves everything outside as it was, whichever call it is",
        arguments: Exchanged.allCases, Start.allCases)
    func sweep(exchanged: Exchanged, start: Start) throws {
        let (box, repository) = try Sandbox.inMemory()
        let stored = try store(box, repository)
        let world = try OutsideWorld(box.path + "/outside")
        let before = try world.picture()
        var calls = 1
        var number = 1
        while number <= calls {
            try prepare(box, repository, stored, start)
            let exchange = Exchange(exchanged, at: number, target: box.target, world.path)
            _ = FileFaults.with(under: box.target) { _, path in
                exchange.see(path)
                return nil
            } _: {
                try? box.restore(stored, repository) { $0.deletes = number % 2 == 0 }
            }
            calls = max(calls, exchange.count)
            let after = try world.picture()
            #expect(after == before, "call \(number)")
            number += 1
        }
        #expect(calls > 30)
    }

    @Test("links nothing to a file that took the place of the first of its group")
    func exchangedFirst() throws {
        let (box, repository) = try Sandbox.inMemory()
        let stored = try box.store(
            [.file("1", [1, 2], group: 1), .file("2", [1, 2], group: 1)], repository)
        let world = try OutsideWorld(box.path + "/outside")
        let (target, outside) = (box.target, world.path)
        let report = try box.restore(stored, repository) { _ in
        } observer: { event in
            guard case .restored("/1", _, _) = event else { return }
            try? File.remove(target + "/1")
            try? File.link(outside + "/victim", to: target + "/1")
        }
        #expect(report.issues.isEmpty)
        let victim = try File.status(of: outside + "/victim")
        #expect(victim.links == 2)
        #expect(try File.status(of: target + "/2").inode != victim.inode)
        #expect(try File.contents(of: target + "/2", limit: 9) == [1, 2])
    }

    private func store(
        _ box: Sandbox, _ repository: Repository
    ) throws -> RepositoryState.SnapshotEntry {
        try box.store(
            [
                .directory(
                    "directory",
                    [
                        .file("child", lines(400, seed: 1), group: 1),
                        .directory("directory", [.file("child", [1]), .symlink("x", to: "y")]),
                        HandmadeEntry(.fifo, Array("fifo".utf8)), .file("file", [1, 2]),
                    ]),
                .file("file", [4]), .file("x", lines(400, seed: 1), group: 1),
            ], repository, sources: ["/"])
    }

    private func prepare(
        _ box: Sandbox, _ repository: Repository, _ stored: RepositoryState.SnapshotEntry,
        _ start: Start
    ) throws {
        if (try? File.status(of: box.target)) != nil { removeTree(box.target) }
        guard start != .nothing else { return }
        _ = try box.restore(stored, repository)
        guard start == .different else { return }
        for name in ["directory/child", "directory/file", "file"] {
            try File.createOrTruncate(box.target + "/" + name).write([7, 7])
        }
        let directory = try File.openDirectory(box.target + "/directory")
        try directory.setMode("fifo", 0o777)
        try directory.makeDirectory("stranger", mode: 0o755)
        try directory.openDirectory("stranger").createFile("child").write([1])
        try directory.openDirectory("directory").setMode("child", 0o777)
    }
}

/// Counts the calls, and exchanges something before one of them.
private final class Exchange: Sendable {
    private let exchanged: HostileSweepTests.Exchanged
    private let number: Int
    private let target: String
    private let outside: String
    private let calls = Atomic(0)

    init(
        _ exchanged: HostileSweepTests.Exchanged, at number: Int, target: String,
        _ outside: String
    ) {
        self.exchanged = exchanged
        self.number = number
        self.target = target
        self.outside = outside
    }

    var count: Int { calls.load(ordering: .relaxed) }

    func see(_ path: String) {
        guard calls.wrappingAdd(1, ordering: .relaxed).newValue == number else { return }
        var path = path
        if exchanged != .entry { path = File.parent(of: path) }
        if exchanged == .directoryAbove { path = File.parent(of: path) }
        guard path.hasPrefix(target + "/"), !path.contains("/.."),
            let kind = try? File.status(of: path, follow: false).kind,
            (try? File.rename(path, to: target + "/aside")) != nil,
            let directory = try? File.openDirectory(File.parent(of: path))
        else { return }
        let name = String(path.split(separator: "/").last ?? "")
        let away = kind == .directory ? "/directory" : kind == .fifo ? "/fifo" : "/file"
        try? directory.makeSymlink(to: outside + away, name)
    }
}
