import Glibc
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveArchive

@Suite("A file of very many names is restored")
struct RestoreManyNamesTests {
    let box: Sandbox
    let repository: Repository
    private let names = (0..<20_000).map { "\(100_000 + $0)" }

    init() throws {
        (box, repository) = try Sandbox.inMemory()
    }

    private func stored() throws -> RepositoryState.SnapshotEntry {
        try box.store(names.map { .file($0, [1, 2], group: 1) }, repository)
    }

    /// Seconds of this thread, which waits for nothing but the others' work: twice the names take about
    /// twice as long. If each had to wait for the one before it would be minutes.
    private func seconds<Answer>(_ work: () throws -> Answer) rethrows -> (Answer, Double) {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        let started = now()
        let answer = try work()
        return (answer, now() - started)
    }

    @Test("in a dry run in no time")
    func dry() throws {
        let entry = try stored()
        let (report, seconds) = try seconds {
            try box.restore(entry, repository) { $0.dryRun = true }
        }
        #expect(seconds < 10)
        #expect(report.files == names.count && report.issues.isEmpty)
    }

    @Test("when all but the last are left as they are")
    func left() throws {
        let entry = try stored()
        try File.makeDirectory(box.target)
        let target = try File.openDirectory(box.target)
        _ = try target.createFile(names[0])
        for name in names.dropFirst().dropLast(2) {
            try target.makeLink(name, to: names[0], in: target)
        }
        let (report, seconds) = try seconds {
            try box.restore(entry, repository) { $0.overwrite = .never }
        }
        #expect(seconds < 10)
        #expect(report.filesLeft == names.count - 2 && report.files == 2)
        let last = try target.status(of: names[names.count - 1])
        #expect(last.links == 2 && last.size == 2)
    }

    @Test("as a dry run says")
    func plan() throws {
        let entry = try box.store(
            ["a", "b", "c", "d"].map { .file($0, [1, 2], group: 1) }, repository)
        try File.makeDirectory(box.target)
        let target = try File.openDirectory(box.target)
        try target.createFile("c").write([1, 2])
        try target.makeLink("d", to: "c", in: target)
        for (rule, missing, expected) in [
            (OverwriteRule.never, [], [2, 0, 0, 2]), (.always, [], [0, 2, 2, 0]),
            (.always, ["a", "b"], [2, 2, 0, 0]),
        ] {
            for name in missing { try target.remove(name) }
            func restore(dryRun: Bool) throws -> [Int] {
                let report = try box.restore(entry, repository) {
                    ($0.dryRun, $0.overwrite) = (dryRun, rule)
                }
                #expect(report.issues.isEmpty)
                return [report.files, report.filesChanged, report.filesUnchanged, report.filesLeft]
            }
            let plan = try restore(dryRun: true)
            #expect(try restore(dryRun: false) == plan)
            #expect(plan == expected)
        }
        #expect(try target.status(of: "c").links == 4)
    }
}
