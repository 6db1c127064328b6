import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

/// The reader adds up every log itself and holds its sum against the hash in each checkpoint.
@Suite("A log of records of every kind")
struct LogTests {
    let scratch: Scratch
    let repository: Repository

    init() throws {
        scratch = try Scratch()
        repository = try scratch.create()
    }

    /// What the reader lists must be what the engine's folding has.
    private func expectSame(_ state: RepositoryState, _ seed: UInt64) throws {
        let lines = try PythonReader(scratch)("list").split(separator: "\n")
        #expect(lines.count == state.snapshots.count, "VARVE_SEED=\(seed)")
        for (line, entry) in zip(lines, state.snapshots) {
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            #expect(columns[0] == entry.id.hex, "VARVE_SEED=\(seed)")
            #expect(columns[7] == entry.summary.tags.joined(separator: ","))
            #expect(columns[8] == entry.summary.description)
            #expect(columns[9].contains("pinned") == entry.isPinned)
        }
    }

    @Test("adds up to what its checkpoints say")
    func folding() throws {
        let seed = TestRun.seed()
        var writer = try LogWriter(repository)
        var events = RandomEvents(seed)
        while writer.state.number < 256 { try writer.append(events.next(writer.state.number)) }
        try writer.append(.forget([]))
        try expectSame(writer.state, seed)
        let read = try scratch.open()
        #expect(read.state == writer.state, "VARVE_SEED=\(seed)")
    }

    @Test("may have lost records that a mend stands for, checkpoints too")
    func mending() throws {
        let seed = TestRun.seed()
        var writer = try LogWriter(repository)
        var events = RandomEvents(seed)
        while writer.state.number < 128 { try writer.append(events.next(writer.state.number)) }
        let lost = [UInt64](120...128)
        try writer.remove(120...126)
        // One that is there means nothing, and neither does a number that never was.
        for name in [ObjectName.record(127), ObjectName.record(127) + ".copy"] {
            try scratch.write(scratch.repository + "/" + name, Array("no record".utf8))
        }
        try writer.append(mending: lost, at: 129)
        while writer.state.number < 200 { try writer.append(events.next(writer.state.number)) }
        try expectSame(writer.state, seed)
        let read = try scratch.open()
        #expect(read.state == writer.state, "VARVE_SEED=\(seed)")
    }
}
