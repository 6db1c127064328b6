import Glibc
import Synchronization
import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

@Suite("A restore over what is there")
struct RestoreRuleTests {
    let box: Sandbox
    let repository: Repository

    init() throws {
        (box, repository) = try Sandbox.inMemory()
    }

    private func status(_ name: String) throws -> FileStatus {
        try File.status(of: box.target + "/" + name, follow: false)
    }

    private func put(_ name: String, _ bytes: [UInt8], mtime: Int64) throws {
        try File.makeDirectories(box.target)
        let file = try File.createOrTruncate(box.target + "/" + name)
        try file.write(bytes)
        try file.setTimes(mtimeNanoseconds: mtime)
    }

    private func contents(_ name: String) throws -> [UInt8] {
        try File.contents(of: box.target + "/" + name, limit: 1 << 24)
    }

    /// The time of every entry that a test makes by hand.
    private let time: Int64 = 1_000_000_007_000_000_009

    @Test("that is equal touches nothing and fetches nothing")
    func equal() throws {
        let stored = try box.store(
            [
                .directory("d", [.file("a", lines(900, seed: 1))]), .file("e", []),
                .file("l1", [1], group: 1), .file("l2", [1], group: 1), .symlink("s", to: "x"),
            ], repository)
        #expect(try box.restore(stored, repository).issues.isEmpty)
        let names = ["d", "d/a", "e", "l1", "l2", "s"]
        let before = try names.map { try status($0) }
        for rule in OverwriteRule.allCases {
            let report = try box.restore(stored, repository) { $0.overwrite = rule }
            #expect(report.issues.isEmpty && report.bytesWritten == 0 && report.files == 0)
            #expect(try names.map { try status($0) } == before)
        }
    }

    /// A file that is long enough to be written in place.
    private let long = noise(9 << 20, seed: 1)

    @Test("writes only the chunks that differ, into the file itself when it is long")
    func inPlace() throws {
        let stored = try box.store([.file("a", long)], repository)
        #expect(try box.restore(stored, repository).issues.isEmpty)
        let inode = try status("a").inode
        for spoiled in [long + [1, 2, 3], Array(long.dropLast(6_000)), flipped(long, 20_000)] {
            try put("a", spoiled, mtime: 5)
            let report = try box.restore(stored, repository)
            #expect(report.filesChanged == 1 && report.bytesWritten <= 15_000)
            #expect(try contents("a") == long)
            let after = try status("a")
            #expect(after.inode == inode && after.mode == 0o640 && after.mtime == time)
        }
    }

    private func flipped(_ bytes: [UInt8], _ place: Int) -> [UInt8] {
        var bytes = bytes
        bytes[place] ^= 1
        return bytes
    }

    @Test("that is cut short in the middle leaves no file that looks done, and goes on later")
    func interrupted() throws {
        let bytes = long
        let stored = try box.store([.file("a", bytes), .file("b", lines(9, seed: 2))], repository)
        try put("a", flipped(flipped(bytes, 10), 60_000), mtime: time)
        let calls = Calls()
        FileFaults.with(under: box.target) { call, _ in
            calls.add(call)
            // The first sync is of what says that the file is not done.
            return call == .sync && calls.all.contains(.write) ? 28 : nil
        } _: {
            _ = #expect(throws: ArchiveError.self) { try box.restore(stored, repository) }
        }
        let half = try status("a")
        #expect(half.mode == 0o600 && half.mtime > time)
        let report = try box.restore(stored, repository) { $0.overwrite = .ifChanged }
        #expect(report.issues.isEmpty)
        #expect(try contents("a") == bytes)
    }

    @Test("syncs that a file is not done before it writes, and the bytes before it gets its time")
    func order() throws {
        let bytes = long
        let stored = try box.store([.file("a", bytes)], repository)
        try put("a", flipped(bytes, 10), mtime: time)
        let calls = Calls()
        let report = try FileFaults.with(under: box.target) { call, path in
            if path.hasSuffix("/a") { calls.add(call) }
            return nil
        } _: {
            try box.restore(stored, repository)
        }
        #expect(report.issues.isEmpty)
        let made = calls.all.filter { [.setMode, .setTimes, .write, .sync].contains($0) }
        #expect(made == [.setMode, .setTimes, .sync, .write, .sync, .setMode, .setTimes])
    }

    @Test("replaces a file with further names as a whole, and changes nothing by these names")
    func otherNames() throws {
        let bytes = lines(900, seed: 1)
        let stored = try box.store([.file("a", bytes), .file("b", bytes)], repository)
        for name in ["a", "b"] {
            try put(name, name == "a" ? flipped(bytes, 7) : bytes, mtime: 77)
            try File.link(box.target + "/" + name, to: box.path + "/outside " + name)
        }
        let before = try ["a", "b"].map { try File.status(of: box.path + "/outside " + $0) }
        #expect(try box.restore(stored, repository).filesChanged == 2)
        for (name, old) in zip(["a", "b"], before) {
            #expect(try contents(name) == bytes)
            let outside = try File.status(of: box.path + "/outside " + name)
            #expect((outside.mode, outside.mtime, outside.links) == (old.mode, 77, 1))
            #expect(try status(name).mtime == time)
        }
        #expect(
            try File.contents(of: box.path + "/outside a", limit: 1 << 20) == flipped(bytes, 7))
    }

    @Test("makes a fifo anew when it has further names and other attributes")
    func otherNamesOfFifos() throws {
        let stored = try box.store([HandmadeEntry(.fifo, Array("f".utf8))], repository)
        try File.makeDirectory(box.target)
        let target = try File.openDirectory(box.target)
        let above = try File.openDirectory(box.path)
        try above.makeNode("outside", kind: .fifo, mode: 0o604)
        try target.makeLink("f", to: "outside", in: above)
        #expect(try box.restore(stored, repository).issues.isEmpty)
        #expect(try status("f").mode == 0o640)
        let outside = try above.status(of: "outside")
        #expect(outside.mode == 0o604 && outside.links == 1)
    }

    @Test("replaces a program that runs")
    func running() throws {
        let program = try File.contents(of: "/bin/sleep", limit: 1 << 24)
        var entry = HandmadeEntry.file("sleep", program)
        entry.node.mode = 0o755
        let stored = try box.store([entry], repository)
        try File.makeDirectories(box.target)
        // This process never has it open to write: what another test starts just then would hold it
        // open as well for a moment, and until then nobody could run it.
        let copying = try ChildProcess(
            "sh", ["-c", "cp /bin/sleep \"$0\" && echo >>\"$0\"", box.target + "/sleep"])
        try #require(copying.wait().isSuccess)
        let process = try ChildProcess(box.target + "/sleep", ["1000"])
        let report = try box.restore(stored, repository)
        process.terminate()
        _ = try? process.wait()
        #expect(report.issues.isEmpty && report.filesChanged == 1)
        #expect(try contents("sleep") == program)
    }

    @Test("follows the rule that it is given")
    func rules() throws {
        let stored = try box.store(
            [
                .file("absent", [1]), .symlink("link", to: "there"), .file("newer", [1]),
                .file("older", [1]), .file("same", [1]),
            ], repository)
        // What each rule leaves of the files that were there.
        let expected: [(OverwriteRule, [String])] = [
            (.always, []), (.ifChanged, ["same"]), (.ifNewer, ["newer", "same", "link"]),
            (.never, ["newer", "older", "same", "link"]),
        ]
        for (rule, kept) in expected {
            removeTree(box.target)
            try put("newer", [2], mtime: time + 1)
            try put("older", [2], mtime: time - 1)
            try put("same", [2], mtime: time)
            try put("link", [2], mtime: time + 5)
            let report = try box.restore(stored, repository) { $0.overwrite = rule }
            #expect(report.issues.isEmpty)
            for name in ["newer", "older", "same"] {
                #expect(try contents(name) == (kept.contains(name) ? [2] : [1]), "\(rule) \(name)")
            }
            #expect(try contents("absent") == [1])
            #expect(try (status("link").kind == .regular) == kept.contains("link"))
        }
    }

    @Test("takes away what a killed run left, and nothing that only looks like it")
    func leftovers() throws {
        let stored = try box.store([.directory("d", [.file("a", [1])])], repository)
        #expect(try box.restore(stored, repository).issues.isEmpty)
        try put(".varve-0123456789abcdef", [1], mtime: 1)
        try put("d/a", [2], mtime: 1)
        // A file with a further name is replaced; the run dies before it gets its name.
        try File.link(box.target + "/d/a", to: box.path + "/other")
        _ = try FileFaults.with(under: box.target) { call, _ in
            call == .rename || call == .remove ? 5 : nil
        } _: {
            try box.restore(stored, repository)
        }
        #expect(try File.openDirectory(box.target + "/d").entries().count == 2)
        #expect(try box.restore(stored, repository).issues.isEmpty)
        #expect(try File.openDirectory(box.target + "/d").entries().count == 1)
        #expect(try contents(".varve-0123456789abcdef") == [1])
    }

    @Test("only says what it would do in a dry run")
    func dryRun() throws {
        let stored = try box.store(
            [
                .directory("d", [.directory("e", [.file("x", [1])]), .file("new", [1])]),
                .file("equal", [1]), .file("other", [1, 2]), .symlink("s", to: "x"),
            ], repository, sources: ["/"])
        let fresh = try box.restore(stored, repository) { $0.dryRun = true }
        #expect(fresh.files == 4 && fresh.directories == 2)
        #expect(throws: SystemError.self) { _ = try File.status(of: box.target) }
        #expect(try box.restore(stored, repository).issues.isEmpty)
        removeTree(box.target + "/d")
        try put("other", [1, 3], mtime: 9)
        try put("stranger", [4], mtime: 9)
        let before = try listing(box.target)
        let report = try box.restore(stored, repository) {
            $0.dryRun = true
            $0.deletes = true
        }
        #expect(report.issues.isEmpty)
        #expect((report.files, report.filesChanged, report.filesUnchanged) == (2, 1, 1))
        #expect(report.deleted == 1)
        #expect(try listing(box.target) == before)
    }
}

private final class Calls: Sendable {
    private let calls = Mutex<[SystemCall]>([])

    var all: [SystemCall] { calls.withLock { $0 } }

    func add(_ call: SystemCall) { calls.withLock { $0.append(call) } }
}
