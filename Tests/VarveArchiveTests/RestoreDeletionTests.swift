import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveArchive

@Suite("A restore that removes")
struct RestoreDeletionTests {
    let box: Sandbox
    let repository: Repository

    init() throws {
        (box, repository) = try Sandbox.inMemory()
    }

    private func fill(_ paths: String...) throws {
        for path in paths {
            try File.makeDirectories(File.parent(of: box.target + "/" + path))
            try File.createOrTruncate(box.target + "/" + path).write([9])
        }
    }

    private var names: [String] {
        get throws { try listing(box.target).keys.sorted() }
    }

    @Test("spares what is varve's own, and the directories that hold it, and says so once")
    func own() throws {
        let stored = try box.store(
            [.file("1", [1]), .directory("was", [.file("x", [1])])], repository, sources: ["/"])
        try fill("a/b/own/pack", "a/b/old", "keys/key", "keys/old", "was/deep/pack", "old")
        let report = try box.restore(stored, repository) {
            $0.deletes = true
            $0.ownPaths = ["a/b/own", "keys/key", "was", "none"].map { box.target + "/" + $0 }
        }
        #expect(report.issues.isEmpty && report.kept.count == 1 && report.deleted == 3)
        #expect(
            try names == [
                "1", "a", "a/b", "a/b/own", "a/b/own/pack", "keys", "keys/key", "was", "was/deep",
                "was/deep/pack", "was/x",
            ])
    }

    @Test("removes nothing before the files are written")
    func order() throws {
        let stored = try box.store(
            [.directory("d", [.file("a", [1])]), .file("z", [1])], repository, sources: ["/"])
        try fill("d/old", "old")
        let full = try #require(
            #expect(throws: ArchiveError.self) {
                try FileFaults.with(under: box.target) { call, _ in
                    call == .write ? 28 : nil
                } _: {
                    _ = try box.restore(stored, repository) { $0.deletes = true }
                }
            })
        guard case .target = full else { return #expect(Bool(false), "\(full)") }
        #expect(try names.filter { $0.hasSuffix("old") } == ["d/old", "old"])
    }

    @Test("stops between two entries when it is asked to")
    func interrupted() throws {
        let stored = try box.store([.file("z", [1])], repository, sources: ["/"])
        try fill("a/1", "a/2", "a/3", "b", "c")
        let removed = Atomic(0)
        let error = #expect(throws: ArchiveError.self) {
            _ = try box.restore(stored, repository) {
                $0.deletes = true
                $0.isInterrupted = { removed.load(ordering: .relaxed) >= 2 }
            } observer: { event in
                if case .restored(_, .deleted, _) = event {
                    removed.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
        guard case .interrupted = error else { return #expect(Bool(false), "\(error as Any)") }
        #expect(removed.load(ordering: .relaxed) == 2)
        #expect(try names.count == 5)
    }

    @Test("keeps a directory until the file is there that takes its place")
    func makeWay() throws {
        let stored = try box.store([.file("x", [1, 2, 3])], repository, sources: ["/"])
        try fill("x/y")
        FileFaults.with(under: box.target) { call, _ in
            call == .write ? 28 : nil
        } _: {
            _ = #expect(throws: ArchiveError.self) {
                try box.restore(stored, repository) { $0.deletes = true }
            }
        }
        #expect(try names == ["x", "x/y"])
        #expect(try box.restore(stored, repository) { $0.deletes = true }.issues.isEmpty)
        #expect(try names == ["x"])
    }

    @Test("of a full target stops at the first entry that cannot be made")
    func full() throws {
        let stored = try box.store(
            [
                .directory("d", [.symlink("l", to: "x")]), .file("f", [1], group: 1),
                .file("g", [1], group: 1),
            ], repository)
        for failing in [SystemCall.makeDirectory, .makeSymlink, .link] {
            FileFaults.with(under: box.target + "/") { call, _ in
                call == failing ? 28 : nil
            } _: {
                let error = #expect(throws: ArchiveError.self) {
                    try box.restore(stored, repository)
                }
                guard case .target = error else { return #expect(Bool(false), "\(failing)") }
            }
        }
    }

    @Test("goes on in the right directory when a new one cannot be rid of what it inherited")
    func step() throws {
        try File.makeDirectory(box.target)
        let target = try File.openDirectory(box.target)
        var list: [UInt8] = [2, 0, 0, 0]
        for tag in [1, 4, 32] as [UInt8] { list += [tag, 0, 7, 0, 255, 255, 255, 255] }
        let name = Array("system.posix_acl_default".utf8)
        guard (try? target.setExtendedAttribute(name, list)) != nil else { return }
        let stored = try box.store(
            [.directory("d", [.file("below", [1])]), .directory("e", []), .file("f", [2])],
            repository)
        let report = try FileFaults.with(under: box.target) { call, path in
            call == .setAttribute && path.hasSuffix("/d") ? 5 : nil
        } _: {
            try box.restore(stored, repository)
        }
        #expect(report.issues.map(\.path) == ["/d"])
        #expect(try names == ["d", "e", "f"])
    }
}
