import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveArchive

@Suite("What goes into a snapshot")
struct ChoosingTests {
    private let box: Sandbox
    private let repository: Repository

    init() throws {
        (box, repository) = try Sandbox.inMemory()
    }

    private func take(
        _ paths: [String], _ rules: ExcludeRules = ExcludeRules(), _ told: Told = Told()
    ) throws -> SnapshotReport {
        var options = box.options()
        options.excludes = rules
        return try takeSnapshot(
            of: .paths(paths), into: repository, options, observer: told.observer)
    }

    private func rules(_ patterns: String...) throws -> ExcludeRules {
        var rules = ExcludeRules()
        for pattern in patterns { try rules.add(pattern) }
        return rules
    }

    private var sources: [String] {
        get throws { try #require(repository.state.snapshots.last).summary.sources }
    }

    /// Files of the newest snapshot, relative to the box.
    private var files: [String] {
        get throws {
            try everyFile(of: box.newest(repository), repository).keys
                .map { String($0.dropFirst(box.path.count + 1)) }.sorted()
        }
    }

    @Test("is what no pattern leaves out; one that takes back does so for all that is below")
    func patterns() throws {
        for name in ["a.o", "keep/x.o", "sub/y.o", "sub/z"] { try box.write(name, [1]) }
        let told = Told()
        _ = try take([box.source], try rules("*.o", "!keep"), told)
        #expect(try files == ["source/keep/x.o", "source/sub/z"])
        #expect(
            told.excluded == [
                box.source + "/a.o": "pattern *.o (--exclude)",
                box.source + "/sub/y.o": "pattern *.o (--exclude)",
            ])
        // What a directory above leaves out cannot be taken back.
        _ = try take([box.source], try rules("sub", "!z"))
        #expect(try files == ["source/a.o", "source/keep/x.o"])
    }

    @Test("is not what is marked, and a header that is not there marks nothing")
    func markers() throws {
        for name in ["yes", "no"] {
            try box.write("\(name)/.skip", Array("\(name), please\n".utf8))
            try box.write("\(name)/file", [1])
        }
        var rules = ExcludeRules()
        rules.markers = [ExcludeMarker(name: Array(".skip".utf8), header: Array("yes,".utf8))]
        let told = Told()
        _ = try take([box.source], rules, told)
        #expect(try files == ["source/no/.skip", "source/no/file", "source/yes/.skip"])
        #expect(told.excluded == [box.source + "/yes": "what it holds beside .skip"])
    }

    @Test("is also what is named in a directory that is left out, without what lies beside it")
    func namedInside() throws {
        for name in ["a", "m/.skip", "m/b", "m/on/c", "m/on/the/keep/d", "m/on/the/way/e", "big"] {
            try box.write(name, [1, 2, 3])
        }
        var marked = ExcludeRules()
        marked.markers = [ExcludeMarker(name: Array(".skip".utf8))]
        var small = try rules("/**/on", "!keep")
        small.bytesMax = 2
        let keep = box.source + "/m/on/the/keep"
        let told = Told()
        _ = try take([box.source, keep], marked, told)
        #expect(
            try files == ["a", "big", "m/.skip", "m/on/the/keep/d"].map { "source/" + $0 })
        #expect(told.excluded == [box.source + "/m": "what it holds beside .skip"])
        #expect(told.noted == [] && told.failed == [])
        try box.write("a", [1])
        _ = try take([box.source, keep, box.source + "/big"], small)
        // What is below a source is left out as anywhere.
        #expect(try files == ["source/a", "source/big"])
        try box.write("m/on/the/keep/f", [1])
        _ = try take([box.source, keep], small)
        #expect(try files == ["source/a", "source/m/on/the/keep/f"])
        var tree = try SnapshotTree(repository, try box.newest(repository))
        let above = (box.source + "/m/on/the").split(separator: "/").map { Array($0.utf8) }
        #expect(try tree.find(above)?.entriesBelow == 2)
    }

    @Test("holds a link to a named source's directory as a link, and says so")
    func namedThroughLink() throws {
        try box.write("real/a", [1])
        try File.openDirectory(box.source).makeSymlink(to: "real", "link")
        let told = Told()
        let report = try take([box.source, box.source + "/link/a"], ExcludeRules(), told)
        #expect(report.isIncomplete && told.failed == [box.source + "/link"])
        #expect(try files == ["source/real/a"])
    }

    @Test("is noted when a source that was named is marked itself")
    func markedSource() throws {
        for name in ["m/.skip", "m/b"] { try box.write(name, [1]) }
        var rules = ExcludeRules()
        rules.markers = [ExcludeMarker(name: Array(".skip".utf8))]
        let told = Told()
        _ = try take([box.source + "/m"], rules, told)
        #expect(told.noted == [box.source + "/m"])
        #expect(try files == ["source/m/.skip"])
    }

    @Test("is not a source that a pattern leaves out, which is noted; with all of them it fails")
    func excludedSources() throws {
        for name in ["cache/deep/a", "other/b"] { try box.write(name, [1]) }
        let told = Told()
        _ = try take(
            [box.source + "/cache/deep", box.source + "/other"], try rules("cache"), told)
        #expect(try files == ["source/other/b"])
        #expect(told.noted == [box.source + "/cache/deep"])
        #expect(throws: ArchiveError.everySourceExcluded) {
            try take([box.source + "/cache/deep"], try rules("cache"))
        }
        // Taken back, it is there, though the directories above it are left out.
        _ = try take([box.source + "/cache/deep"], try rules("cache", "!deep"))
        #expect(try files == ["source/cache/deep/a"])
    }

    @Test("is each thing once, however often and in whatever order its sources name it")
    func overlapping() throws {
        for name in ["one/a", "one/b/c", "one-more/d"] { try box.write(name, [1]) }
        let one = box.source + "/one"
        _ = try take([one + "/b/c", one + "/../one", one + "-more", one, one + "//", one + "/b"])
        #expect(try files == ["source/one-more/d", "source/one/a", "source/one/b/c"])
        #expect(try sources == [one, one + "-more"])
    }

    @Test("is a symbolic link itself, or what it leads to when a slash or a dot follows")
    func links() throws {
        try box.write("real/a", [1])
        try box.write("b", [2])
        let directory = try File.openDirectory(box.source)
        try directory.makeSymlink(to: "real", "link")
        let told = Told()
        _ = try take([box.source + "/link"], ExcludeRules(), told)
        #expect(try files == [])
        #expect(told.noted == [box.source + "/link"])
        for ending in ["/", "/."] {
            _ = try take([box.source + "/link" + ending])
            #expect(try files == ["source/real/a"])
        }
        // A slash behind what is no link changes nothing, not even about links above.
        try box.write("real/deep/c", [3])
        _ = try take([box.source + "/link/./deep/"])
        #expect(try sources == [box.source + "/link/deep"])
        // Out of where the link leads, not out of where it lies.
        try File.makeDirectory(box.path + "/far")
        try File.openDirectory(box.path + "/far").makeSymlink(to: "../source/real", "link")
        _ = try take([box.path + "/far/link/../b"])
        #expect(try files == ["source/b"])
        #expect(try sources == [box.source + "/b"])
    }

    @Test("of the root has it all, and another file system stays as an empty directory")
    func root() throws {
        try box.write("file", [1])
        let parts = box.source.split(separator: "/").map(String.init)
        var rules = try rules("/*", "!/proc")
        for depth in parts.indices {
            let above = parts[..<depth].map { "/" + $0 }.joined()
            try rules.add(above + "/*")
            try rules.add("!" + above + "/" + parts[depth])
        }
        try rules.add("!/proc")
        rules.oneFileSystem = true
        guard try File.status(of: "/").device == File.status(of: box.path).device else { return }
        let told = Told()
        _ = try take(["/", box.source], rules, told)
        #expect(try sources == ["/"])
        #expect(told.excluded["/proc"] == "it lies on another file system")
        #expect(try files == ["source/file"])
        var tree = try SnapshotTree(repository, try box.newest(repository))
        let proc = try #require(try tree.find([Array("proc".utf8)]))
        #expect(proc.kind == .directory && proc.entriesBelow == 0)
    }

    @Test("may have any bytes for the names of its sources")
    func anyNames() throws {
        let names: [[UInt8]] = [[0x61, 0xff], [0x62, 0xc3, 0x28]]
        for name in names { try File.openDirectory(box.source).makeDirectory(name, mode: 0o700) }
        let file = [UInt8](box.source.utf8) + [0x2f] + names[0] + [0x2f, 0xfe]
        _ = try File.openDirectory(box.source).openDirectory(names[0]).createFile([0xfe] as [UInt8])
        let other = [UInt8](box.source.utf8) + [0x2f] + names[1]
        let report = try takeSnapshot(of: .tree([file, other]), into: repository, box.options())
        #expect(report.counts.files == 1 && !report.isIncomplete)
        var tree = try SnapshotTree(repository, try box.newest(repository))
        for path in [file, other] {
            let parts = path.split(separator: UInt8(ascii: "/")).map(Array.init)
            #expect(try tree.find(parts) != nil)
        }
    }

    @Test("of several sources one of which cannot be read holds the others, and says so")
    func unreadableSource() throws {
        try box.write("good/file", [1])
        try box.write("bad/file", [2])
        let report = try FileFaults.with(under: box.source + "/bad") { call, _ in
            call == .openDirectory ? 13 : nil
        } _: {
            try takeSnapshot(
                of: .paths([box.source + "/bad", box.source + "/good"]), into: repository,
                box.options())
        }
        #expect(report.isIncomplete && report.counts.files == 1)
        #expect(throws: ArchiveError.self) {
            try FileFaults.with(under: box.source + "/bad") { call, _ in
                call == .openDirectory ? 13 : nil
            } _: {
                try takeSnapshot(
                    of: .paths([box.source + "/bad"]), into: repository, box.options())
            }
        }
    }

    @Test("of more than 64 sources is said to be of the deepest directory that holds them all")
    func manySources() throws {
        let names = (0..<65).map { "deep/d\($0 % 3)/f\($0)" }
        for name in names { try box.write(name, [1]) }
        let paths = names.map { box.source + "/" + $0 }
        let first = try take(paths)
        #expect(try sources == [box.source + "/deep"])
        // Another choice in the same place has the first one as its parent.
        try box.write("deep/d0/more", [2])
        let second = try take(paths + [box.source + "/deep/d0/more"])
        #expect(second.parent == first.snapshot)
        #expect(try files.count == 66)
        _ = try take(Array(paths.dropLast()))
        #expect(try sources.count == 64)
    }

    @Test("is estimated without what is left out")
    func estimate() throws {
        for name in ["a", "b.o", "big", "skipped/c", "marked/d"] { try box.write(name, [1, 2]) }
        try box.write("big", noise(5_000, seed: 1))
        try box.write("marked/.skip", [])
        var rules = try rules("*.o", "skipped")
        rules.bytesMax = 1_000
        rules.markers = [ExcludeMarker(name: Array(".skip".utf8))]
        let progress = Progress()
        try SourceEstimate.run([Array(box.source.utf8)], rules, progress) {
            while progress.reading.filesTotal == 0 { Clock.sleep(nanoseconds: 1_000_000) }
        }
        #expect(progress.reading.filesTotal == 1)
        #expect(progress.reading.bytesTotal == 2)
    }
}
