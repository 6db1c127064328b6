import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("A virtual tree")
struct VirtualTreeTests {
    @Test("gives its directories and files, whatever the number of threads", arguments: [1, 2, 5])
    func contents(jobs: Int) throws {
        let (box, repository) = try Sandbox.inMemory()
        let files = sampleFiles(seed: 7)
        let tree = MadeTree(
            place: ["db", "app"], files: files, jobs: jobs, anchors: ["lsn": "0/1"])
        let report = try takeSnapshot(of: .virtual(tree), into: repository, box.options())
        #expect(!report.isIncomplete)
        #expect(report.counts.files == files.count)
        #expect(report.counts.directories == 5)
        #expect(report.counts.bytes == files.values.reduce(0) { $0 + $1.count })
        for (name, bytes) in files {
            #expect(try box.dumped(repository, at: "db/app/" + name) == bytes)
        }
        let manifest = try repository.manifest(try box.newest(repository))
        #expect(manifest.sources == [tree.source(anchors: ["lsn": "0/1"])])
        #expect(!manifest.root.isPartial)
        #expect(manifest.statList == nil)
    }

    @Test("is stored by what has changed since the parent")
    func parent() throws {
        let (box, repository) = try Sandbox.inMemory()
        var files = sampleFiles(seed: 8)
        let first = MadeTree(place: ["db"], files: files, jobs: 2)
        _ = try takeSnapshot(of: .virtual(first), into: repository, box.options(1))
        files["data/long"]?[1_000_000] ^= 1
        let second = MadeTree(place: ["db"], files: files, jobs: 2)
        let report = try takeSnapshot(of: .virtual(second), into: repository, box.options(2))
        #expect(report.parent != nil)
        #expect(report.counts.filesChanged == 1)
        #expect(report.counts.filesUnmodified == files.count - 1)
        #expect(report.written.bytesNew < 600_000)
    }

    @Test("opens its last files when all others were read")
    func lastFiles() throws {
        let (box, repository) = try Sandbox.inMemory()
        var tree = MadeTree(place: ["db"], files: sampleFiles(seed: 9), jobs: 3)
        tree.last = ["a-manifest", "data/b-manifest"]
        _ = try takeSnapshot(of: .virtual(tree), into: repository, box.options())
        let ends = tree.log.read
        #expect(ends.count == tree.files.count)
        #expect(Set(ends.suffix(2)) == ["a-manifest", "data/b-manifest"])
    }

    @Test("lies in one snapshot with paths and other trees, also within a path")
    func together() throws {
        let (box, repository) = try Sandbox.inMemory()
        try box.write("a/file", noise(10_000, seed: 1))
        try box.write("z/file", noise(10_000, seed: 2))
        let inside = box.source.split(separator: "/").map(String.init)
        let sources: [SnapshotSource] = [
            .paths([box.source]),
            .virtual(MadeTree(place: ["0-first"], files: sampleFiles(seed: 3), jobs: 2)),
            .virtual(MadeTree(place: ["~last", "db"], files: sampleFiles(seed: 4), jobs: 2)),
            .virtual(MadeTree(place: inside + ["m", "db"], files: ["x/y": [1, 2, 3]], jobs: 1)),
        ]
        let report = try takeSnapshot(of: sources, into: repository, box.options(1))
        #expect(!report.isIncomplete)
        let within = inside.joined(separator: "/")
        #expect(try box.dumped(repository, at: within + "/m/db/x/y") == [1, 2, 3])
        #expect(try box.dumped(repository, at: within + "/z/file") == noise(10_000, seed: 2))
        for (place, seed) in [("0-first", 3), ("~last/db", 4)] as [(String, UInt64)] {
            let short = try box.dumped(repository, at: place + "/data/short")
            #expect(short == sampleFiles(seed: seed)["data/short"])
        }
    }

    @Test("does not make files of paths beside it look changed", arguments: [nil, "data/long"])
    func statList(failing: String?) throws {
        let (box, repository) = try Sandbox.inMemory()
        // Files that nobody has touched of late, in several directories.
        let paths = ["/etc/alternatives", "/usr/share/base-files", "/usr/share/common-licenses"]
        var first = MadeTree(place: ["0-first"], files: sampleFiles(seed: 3), jobs: 2)
        first.failing = failing
        let sources: [SnapshotSource] = [
            .paths(paths), .virtual(first),
            .virtual(MadeTree(place: ["f", "db"], files: sampleFiles(seed: 4), jobs: 2)),
            .virtual(MadeTree(place: ["usr", "db"], files: sampleFiles(seed: 5), jobs: 2)),
        ]
        for time in 1...3 as ClosedRange<Int64> {
            let told = Told()
            let report = try takeSnapshot(
                of: sources, into: repository, box.options(time), observer: told.observer)
            #expect(report.isIncomplete == (failing != nil))
            if time > 1 {
                #expect(report.parent != nil)
                let virtual = ["/0-first/", "/f/", "/usr/db/"]
                let read = told.readPaths.filter { path in !virtual.contains { path.hasPrefix($0) }
                }
                #expect(read == [])
                #expect(report.counts.filesNew == 0 && report.counts.filesChanged == 0)
            }
        }
    }

    @Test("that fails is told, left out, and takes no other source with it")
    func failure() throws {
        for part in ["open", "data/long", "finish"] {
            let (box, repository) = try Sandbox.inMemory()
            try box.write("file", noise(10_000, seed: 1))
            var tree = MadeTree(place: ["db", "app"], files: sampleFiles(seed: 5), jobs: 2)
            tree.failing = part
            let told = Told()
            let sources: [SnapshotSource] = [.virtual(tree), .paths([box.source])]
            let report = try takeSnapshot(
                of: sources, into: repository, box.options(), observer: told.observer)
            #expect(report.isIncomplete)
            #expect(report.counts.errors == 1)
            #expect(report.counts.files == 1)
            #expect(told.failures == ["made: broken on purpose"])
            let entry = try box.newest(repository)
            var snapshot = try SnapshotTree(repository, entry)
            let failed = snapshot.manifest.sources.compactMap { $0.anchors["failed"] }
            #expect(failed == ["broken on purpose"])
            let place = ["db", "app"].map { Array($0.utf8) }
            #expect(throws: RepositoryError.self) { try snapshot.find(place) }
            #expect(try verify(entry, of: repository, progress: Progress()) { _ in }.issues.isEmpty)

            // The next one goes by what this one says of the paths.
            tree.failing = nil
            let next = try takeSnapshot(
                of: [.virtual(tree), .paths([box.source])], into: repository, box.options(2))
            #expect(next.parent == report.snapshot)
            #expect(!next.isIncomplete)
        }
    }

    @Test("that fails alone leaves no snapshot")
    func failureAlone() throws {
        for part in ["open", "data/long", "finish"] {
            let (box, repository) = try Sandbox.inMemory()
            var tree = MadeTree(place: ["db"], files: sampleFiles(seed: 6), jobs: 3)
            tree.failing = part
            #expect(throws: ArchiveError.failedSource(name: "made", reason: "broken on purpose")) {
                try takeSnapshot(of: .virtual(tree), into: repository, box.options())
            }
            #expect(try box.open().state.snapshots.isEmpty)
        }
    }

    @Test("is refused where another source lies, and with names that cannot be stored")
    func places() throws {
        let (box, repository) = try Sandbox.inMemory()
        try box.write("file", [1])
        let place = box.source.split(separator: "/").map(String.init)
        let one = SnapshotSource.virtual(MadeTree(place: ["db", "a"], files: ["x": [1]], jobs: 1))
        for other in [["db", "a"], ["db"], ["db", "a", "b"]] {
            let two = SnapshotSource.virtual(MadeTree(place: other, files: ["x": [1]], jobs: 1))
            #expect(throws: ArchiveError.self) {
                try takeSnapshot(of: [one, two], into: repository, box.options())
            }
        }
        let same = SnapshotSource.virtual(MadeTree(place: place, files: ["x": [1]], jobs: 1))
        #expect(throws: ArchiveError.self) {
            try takeSnapshot(of: [.paths([box.source]), same], into: repository, box.options())
        }
        let odd = SnapshotSource.virtual(MadeTree(place: ["db"], files: ["..": [1]], jobs: 1))
        #expect(throws: ArchiveError.self) {
            try takeSnapshot(of: odd, into: repository, box.options())
        }
        #expect(try box.open().state.snapshots.isEmpty)
    }

    @Test("during which one call to the storage fails leaves no snapshot, or a whole one")
    func faults() throws {
        let before = MemoryStorage()
        let box = try Sandbox(storage: before)
        _ = try box.create()
        let files = ["data/a": noise(300_000, seed: 1), "data/b": noise(200_000, seed: 2)]
        for number in 1... {
            let base = before.duplicate()
            let faulty = FaultyStorage(base)
            let directories = LocalDirectories(
                cache: box.path + "/cache\(number)", state: box.path + "/state\(number)")
            let repository = try Repository.open(
                faulty, secret: box.secret, directories: directories)
            faulty.reset(.once(at: number))
            let tree = MadeTree(place: ["db"], files: files, jobs: 2)
            let taken = Result {
                try takeSnapshot(of: .virtual(tree), into: repository, box.options())
            }
            let isOver = faulty.faults == 0
            faulty.reset()
            try repository.refresh()
            #expect(repository.state.snapshots.count == ((try? taken.get()) == nil ? 0 : 1))
            if case .success = taken {
                for (name, bytes) in files {
                    #expect(try box.dumped(repository, at: "db/" + name) == bytes)
                }
            }
            if isOver {
                _ = try taken.get()
                #expect(number > 10)
                return
            }
        }
    }

    private func sampleFiles(seed: UInt64) -> [String: [UInt8]] {
        [
            "a-manifest": noise(100, seed: seed), "data/short": noise(3_000, seed: seed + 1),
            "data/long": noise(9_000_000, seed: seed + 2), "data/empty": [],
            "data/b-manifest": noise(2_000, seed: seed + 3),
            "more/below/middle": noise(700_000, seed: seed + 4),
        ]
    }
}
