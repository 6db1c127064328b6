import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

/// Random trees of all that a file system holds, changed at random between two snapshots.
@Suite("A random tree", .timeLimit(.minutes(600)))
struct RandomTreeTests {
    private let seed = TestRun.seed()
    private let count = TestRun.isLong ? 3_000 : 3

    @Test("comes back from each of its snapshots, also over what another one has left")
    func roundTrip() throws {
        for number in 0..<count {
            let seed = seed &+ UInt64(number)
            var tree = RandomDirectory(seed)
            let (box, repository) = try Sandbox.inMemory()
            var pictures: [[String: String]] = []
            for time in 1...3 {
                try tree.change(try File.openDirectory(box.source))
                #expect(
                    try !box.snapshot(repository, time: Int64(time)).isIncomplete,
                    "VARVE_SEED=\(seed)")
                pictures.append(try picture(box.source))
            }
            for index in [0, 2, 1] {
                let entry = repository.state.snapshots.sorted { $0.summary.time < $1.summary.time }
                let report = try box.restore(
                    entry[index], repository, path: box.source
                ) { $0.deletes = true }
                #expect(report.issues.isEmpty, "VARVE_SEED=\(seed)")
                let found = try picture(box.target)
                let names = Set(found.keys).union(pictures[index].keys).sorted()
                let different = names.filter { found[$0] != pictures[index][$0] }
                #expect(different == [], "VARVE_SEED=\(seed), snapshot \(index)")
            }
        }
    }
}
