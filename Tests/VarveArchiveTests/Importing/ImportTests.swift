import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveArchive

@Suite("Importing old backup files")
struct ImportTests {
    let box: Sandbox
    let repository: Repository

    init() throws {
        (box, repository) = try Sandbox.inMemory()
    }

    private func plan(_ pattern: String = "b_%Y%z.json") throws -> ImportPlan {
        let taken = repository.state.snapshots(ofStream: "b.json", host: "host")
        return try ImportPlan(
            File.openDirectory(box.source), TimePattern(pattern),
            taken: Set(taken.map(\.summary.time)))
    }

    private func run(
        _ plan: ImportPlan, gunzip: Bool = false, observer: @escaping ArchiveObserver = { _ in }
    ) throws -> ImportReport {
        var options = ImportOptions(name: "b.json", host: "host", user: "user", program: "test")
        options.gunzip = gunzip
        return try importFiles(
            plan, from: File.openDirectory(box.source), into: repository, options,
            progress: Progress(), observer: observer)
    }

    @Test("takes them in the order of their times, each compared with the one before")
    func order() throws {
        for year in [2003, 2001, 2002] {
            try box.write("b_\(year)Z.json", lines(500, seed: 1) + lines(1, seed: year))
        }
        let report = try run(try plan())
        #expect(report.snapshots == 3 && report.failures.isEmpty)
        let entries = repository.state.snapshots
        let years = entries.map { Timestamp.text(nanoseconds: $0.summary.time).prefix(4) }
        #expect(years == ["2001", "2002", "2003"])
        let manifests = try entries.map { try repository.manifest($0) }
        #expect(manifests.map(\.parent) == [nil, entries[0].id, entries[1].id])
        #expect(manifests.allSatisfy { $0.sources.map(\.displayName) == ["b.json"] })
        #expect(
            try box.dumped(repository, name: "b.json") == lines(500, seed: 1) + lines(1, seed: 2003)
        )
    }

    @Test("skips what came before, and goes on where it was")
    func again() throws {
        try box.write("b_2001Z.json", lines(9, seed: 1))
        try box.write("b_2003Z.json", lines(9, seed: 3))
        #expect(try run(try plan()).snapshots == 2)
        try box.write("b_2002Z.json", lines(9, seed: 2))
        let plan = try plan()
        #expect(plan.files.map(\.name) == [Array("b_2002Z.json".utf8)])
        #expect(plan.present.count == 2)
        #expect(try run(plan).snapshots == 1)
        let last = try #require(repository.state.snapshots.last)
        let first = try #require(repository.state.snapshots.first)
        #expect(try repository.manifest(last).parent == first.id)
    }

    @Test("leaves out what does not match, is no file, has no date or the time of another")
    func leftOut() throws {
        try box.write("b_2001Z.json", [1])
        try box.write("b_2001+00:00.json", [2])
        try box.write("notes", [3])
        try box.write("b_2002Z.json/below", [4])
        try box.write("b_20250230Z.json", [5])
        var plan = try plan()
        #expect(plan.files.map(\.bytes) == [1])
        #expect(
            plan.leftOut.map { String(decoding: $0.name, as: UTF8.self) } == [
                "b_2002Z.json", "b_20250230Z.json", "notes", "b_2001Z.json",
            ])
        #expect(plan.leftOut.map(\.isError) == [false, false, false, true])
        #expect(plan.leftOut.last?.reason.contains("narrow the pattern") == true)
        plan = try self.plan("b_%Y%m%d%z.json")
        #expect(plan.files.isEmpty)
        #expect(plan.leftOut.count { $0.isError } == 1)
    }

    @Test("a file that is not whole leaves no snapshot, and the rest goes on")
    func damaged() throws {
        let whole = try gzip(lines(30_000, seed: 4))
        var flipped = whole
        flipped[whole.count / 2] ^= 0x40
        try box.write("b_2001Z.json", whole)
        try box.write("b_2002Z.json", Array(whole.dropLast(9)))
        try box.write("b_2003Z.json", flipped)
        try box.write("b_2004Z.json", lines(10, seed: 1))
        try box.write("b_2005Z.json", [])
        try box.write("b_2006Z.json", whole + Array("rest".utf8))
        try File.openDirectory(box.source).setMode("b_2001Z.json", 0o600)
        let noted = Mutex<[String]>([])
        let report = try run(try plan(), gunzip: true) { event in
            if case .noted(let path, let reason) = event {
                noted.withLock { $0.append("\(path): \(reason)") }
            }
        }
        #expect(report.snapshots == 2)
        #expect(
            report.failures.map { String($0.path.prefix(6)) } == [
                "b_2002", "b_2003", "b_2004", "b_2005",
            ])
        #expect(
            noted.withLock { $0 } == ["b_2006Z.json: 4 bytes behind its gzip data are left out"])
        #expect(try box.dumped(repository, name: "b.json") == lines(30_000, seed: 4))
        #expect(report.bytesPlain == 2 * lines(30_000, seed: 4).count)
        #expect(report.bytesRead == 2 * whole.count + 4)
    }

    @Test("what nobody reads to its end leaves no thread behind")
    func abandoned() throws {
        try box.write("long.gz", try gzip(noise(3_000_000, seed: 4)))
        let file = try GunzippedStream(try File.openToRead(box.source + "/long.gz"))
        file.abandon()
        #expect(try file.finish() == 0)
    }

    private func gzip(_ plain: [UInt8]) throws -> [UInt8] {
        let path = box.path + "/" + randomName()
        let file = try File.createExclusively(path)
        try file.write(plain)
        let process = try ChildProcess("gzip", ["-c", path])
        let bytes = try process.output.contents(limit: 1 << 24)
        #expect(try process.wait().isSuccess)
        return bytes
    }
}
