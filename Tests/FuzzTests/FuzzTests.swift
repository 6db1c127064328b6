import TestSupport
import Testing

@Suite("Whatever bytes it gets, a decoder returns or refuses them, within its limits")
struct FuzzTests {
    // Each runs in a process of its own, which a trap ends alone.

    @Test("of trees and lists")
    func trees() async throws {
        let ended = await #expect(processExitsWith: .success) {
            var run = try FuzzRun("trees", Fuzzer.trees)
            try run.run()
        }
        try tell("trees", ended)
    }

    @Test("of packs and the index")
    func packs() async throws {
        let ended = await #expect(processExitsWith: .success) {
            var run = try FuzzRun("packs", Fuzzer.packs)
            try run.run()
        }
        try tell("packs", ended)
    }

    @Test("of the log, keys and objects in the clear")
    func logs() async throws {
        let ended = await #expect(processExitsWith: .success) {
            var run = try FuzzRun("logs", Fuzzer.logs)
            try run.run()
        }
        try tell("logs", ended)
    }

    @Test("of compressed and sealed bytes")
    func payloads() async throws {
        let ended = await #expect(processExitsWith: .success) {
            var run = try FuzzRun("payloads", Fuzzer.payloads)
            try run.run()
        }
        try tell("payloads", ended)
    }

    @Test("of this machine's catalog")
    func catalog() async throws {
        let ended = await #expect(processExitsWith: .success) {
            var run = try FuzzRun("catalog", Fuzzer.catalog)
            try run.run()
        }
        try tell("catalog", ended)
    }

    @Test("of what servers answer")
    func answers() async throws {
        let ended = await #expect(processExitsWith: .success) {
            var run = try FuzzRun("answers", Fuzzer.answers)
            try run.run()
        }
        try tell("answers", ended)
    }

    @Test("of files that people write")
    func jobs() async throws {
        let ended = await #expect(processExitsWith: .success) {
            var run = try FuzzRun("jobs", Fuzzer.jobs)
            try run.run()
        }
        try tell("jobs", ended)
    }

    @Test("of databases and their dumps")
    func databases() async throws {
        let ended = await #expect(processExitsWith: .success) {
            var run = try FuzzRun("databases", Fuzzer.databases)
            try run.run()
        }
        try tell("databases", ended)
    }

    private func tell(_ name: String, _ ended: ExitTest.Result?) throws {
        let last = try FuzzNote.take(name)
        if ended == nil {
            Issue.record("\(last)")
        } else if TestRun.isLong {
            print(last)
        }
    }
}
