import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

@Suite("A restore of chosen entries")
struct RestoreSelectionTests {
    let box: Sandbox
    let repository: Repository

    init() throws {
        (box, repository) = try Sandbox.inMemory()
    }

    /// `/srv` is the source, `/top` only lies beside it.
    private func store() throws -> RepositoryState.SnapshotEntry {
        try box.store(
            [
                .directory(
                    "srv",
                    [
                        .file("4.txt", [4]),
                        .directory("a", [.file("1.txt", [1]), .file("2.log", [2])]),
                        .directory("b", [.directory("c", [.file("3.txt", [3])])]),
                    ]),
                .file("top", [5]),
            ], repository, sources: ["/srv"])
    }

    private var names: [String] {
        get throws { try listing(box.target).keys.sorted() }
    }

    private func fill(_ paths: [String]) throws {
        for path in paths {
            try File.makeDirectories(File.parent(of: box.target + "/" + path))
            try File.createOrTruncate(box.target + "/" + path).write([9])
        }
    }

    @Test("makes only the directories that hold one")
    func include() throws {
        let report = try box.restore(try store(), repository) { try $0.includes.add("*.log") }
        #expect(report.issues.isEmpty)
        #expect(try names == ["srv", "srv/a", "srv/a/2.log"])
        let status = try File.status(of: box.target + "/srv/a")
        #expect(status.mode == 0o755 && status.mtime == 1_000_000_007_000_000_009)
    }

    @Test("takes all that is in a directory that is chosen, but for what is excluded")
    func both() throws {
        let report = try box.restore(try store(), repository) {
            try $0.includes.add("/srv/a")
            try $0.includes.add("/srv/b/c/3.txt")
            try $0.excludes.add("*.log")
        }
        #expect(report.issues.isEmpty)
        #expect(try names == ["srv", "srv/a", "srv/a/1.txt", "srv/b", "srv/b/c", "srv/b/c/3.txt"])
    }

    @Test("leaves a directory that is only on the way as it was")
    func onTheWay() throws {
        try fill(["srv/a/other"])
        try File.openDirectory(box.target).setMode("srv", 0o711)
        _ = try box.restore(try store(), repository) { try $0.includes.add("/srv/a/1.txt") }
        #expect(try File.status(of: box.target + "/srv").mode == 0o711)
    }

    @Test("matches paths of the snapshot, also when a part of it is restored")
    func part() throws {
        let report = try box.restore(try store(), repository, path: "srv") {
            try $0.includes.add("/srv/a/*")
        }
        #expect(report.issues.isEmpty)
        #expect(try names == ["a", "a/1.txt", "a/2.log"])
    }

    @Test("matches the path of a single file that is restored, too")
    func alone() throws {
        let stored = try store()
        for (pattern, count) in [("/srv/a/*.txt", 1), ("*.log", 0)] {
            let report = try box.restore(stored, repository, path: "srv/a/1.txt") {
                try $0.includes.add(pattern)
                $0.deletes = true
            }
            #expect(report.files + report.filesUnchanged == count && report.deleted == 0)
        }
        #expect(try names == ["1.txt"])
    }

    @Test("removes what the snapshot does not have, but only below its sources")
    func delete() throws {
        try fill(["beside", "srv/old", "srv/a/old/deep/er", "srv/b/c/old"])
        try File.openDirectory(box.target + "/srv").makeSymlink(to: box.path, "link")
        let report = try box.restore(try store(), repository) { $0.deletes = true }
        #expect(report.issues.isEmpty)
        #expect(report.deleted == 6)
        #expect(
            try names == [
                "beside", "srv", "srv/4.txt", "srv/a", "srv/a/1.txt", "srv/a/2.log", "srv/b",
                "srv/b/c", "srv/b/c/3.txt", "top",
            ])
        #expect(try File.status(of: box.path + "/source").kind == .directory)
    }

    @Test("removes nothing above a source that is a part of what is restored")
    func deletePart() throws {
        try fill(["old", "a/old"])
        _ = try box.restore(try store(), repository, path: "srv/a") { $0.deletes = true }
        #expect(try names == ["1.txt", "2.log"])
        removeTree(box.target)
        try fill(["old", "other/old"])
        _ = try box.restore(try store(), repository) { $0.deletes = true }
        #expect(try names.contains("old"))
    }

    @Test("removes only among what is chosen")
    func deleteChosen() throws {
        try fill(["srv/old.log", "srv/old.txt", "srv/gone/x.log", "srv/gone/y.txt", "srv/z/y.log"])
        let report = try box.restore(try store(), repository) {
            $0.deletes = true
            try $0.includes.add("*.log")
            try $0.excludes.add("/srv/z")
        }
        #expect(report.issues.isEmpty && report.deleted == 2)
        #expect(
            try names == [
                "srv", "srv/a", "srv/a/2.log", "srv/gone", "srv/gone/y.txt", "srv/old.txt",
                "srv/z", "srv/z/y.log",
            ])
    }

    @Test("removes nothing from a directory of which a part is damaged")
    func damaged() throws {
        let bad = HandmadeEntry(.symlink, Array("..".utf8))
        let stored = try box.store(
            [.directory("d", [.file("a", [1]), bad]), .directory("e", [])], repository,
            sources: ["/"])
        try fill(["d/a", "d/b", "e/b"])
        let report = try box.restore(stored, repository) { $0.deletes = true }
        #expect(report.isDamaged && report.deleted == 1)
        #expect(try names == ["d", "d/a", "d/b", "e"])
    }

    @Test("takes a directory that holds something away only when it may delete")
    func otherKind() throws {
        let stored = try box.store([.file("x", [1])], repository, sources: ["/"])
        try fill(["x/y"])
        #expect(try box.restore(stored, repository).issues.count == 1)
        #expect(try names == ["x", "x/y"])
        #expect(try box.restore(stored, repository) { $0.deletes = true }.issues.isEmpty)
        #expect(try names == ["x"])
    }
}
