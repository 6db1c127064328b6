import TestSupport
import Testing
import VarveSystem

@testable import VarveSources

@Suite("A database with a rollback journal")
struct RollbackReadingTests {
    @Test(
        "is read under a lock that writers wait for",
        arguments: [512, 4096, 65536], ["delete", "truncate", "persist"])
    func lock(pageBytes: Int, mode: String) throws {
        let live = try LiveDatabase(mode: mode, pageBytes: pageBytes, rows: 1_200_000 / pageBytes)
        let backup = try live.backup()
        var refusals = 0
        let bytes = try live.read { _ in
            let answer = try live.sql("UPDATE t SET v=v+1", mayFail: true)
            if answer.contains("locked") { refusals += 1 }
        }
        // The last piece is the end, before which the locks are held as well.
        #expect(refusals == bytes.count / 100_000 + 2)
        #expect(try differingPages(bytes, backup, pageBytes: pageBytes) == [])
        #expect(try live.sql("UPDATE t SET v=v+1") == "")
    }

    @Test("is read as it was before the transaction of a writer that was killed")
    func hotJournal() throws {
        let live = try LiveDatabase(mode: "delete")
        let before = try live.contents()
        try live.killWriter()
        #expect(try live.companions() == ["live.db-journal"])
        #expect(try live.contents() != before)
        #expect(try live.read() == before)
    }

    @Test("is waited for while it is locked, and then it is said that it is")
    func busy() throws {
        let live = try LiveDatabase(mode: "delete")
        let gate = live.directory + "/gate"
        #expect(try ChildProcess("mkfifo", [gate]).wait().isSuccess)
        let holder = try ChildProcess(
            "sqlite3", [live.path, "BEGIN EXCLUSIVE", ".shell echo held; cat \(gate)"])
        try LiveDatabase.wait(for: "held", from: holder)
        var options = SQLiteReadingOptions()
        options.patienceMilliseconds = 50
        let error = #expect(throws: SQLiteError.self) { try live.read(options) }
        #expect(error?.isBusy == true)
        #expect("\(error as Any)".contains("locked"))
        // The holder ends, and the reader that waits goes on.
        let ending = try ChildProcess("sh", ["-c", "sleep 0.2; : > \(gate)"])
        #expect(try live.read().count == live.contents().count)
        #expect(try ending.wait().isSuccess)
        #expect(try holder.wait().isSuccess)
    }

    @Test("is not taken when its lock was lost while it was read")
    func lostLock() throws {
        let live = try LiveDatabase(mode: "delete")
        #expect(throws: SourceError.self) {
            try live.read { step in
                guard step == 3 else { return }
                _ = try File.openToRead(live.path)
                try live.sql("UPDATE t SET v=v+1")
            }
        }
    }

    @Test("is empty when its file is")
    func empty() throws {
        let live = try LiveDatabase()
        try live.write([])
        for companion in try live.companions() { try File.remove(live.directory + "/" + companion) }
        #expect(try live.read() == [])
    }

    @Test("is refused when it is none, encrypted, or damaged where that can be seen")
    func refusals() throws {
        let live = try LiveDatabase(mode: "delete")
        try live.sql("DELETE FROM t WHERE id > 100")
        let whole = try live.contents()
        func reason(_ change: (inout [UInt8]) -> Void) throws -> String {
            var bytes = whole
            change(&bytes)
            try live.write(bytes)
            do {
                _ = try live.read()
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(try reason { _ in } == "")
        let random = SeededNumbers.fresh()
        var numbers = random
        let noise = numbers.bytes(whole.count)
        #expect(try reason { $0 = noise }.contains("no SQLite database, or an encrypted one"))
        #expect(try reason { $0[16] = 3 }.contains("no SQLite database"))
        #expect(try reason { $0.removeLast(8192) } != "")
        #expect(try reason { $0[39] ^= 1 }.contains("free pages"))
        #expect(try reason { $0[35] ^= 1 }.contains("free pages"))
        #expect(try reason { $0[100] = 0xff } != "")
    }

    @Test("is checked by SQLite in the transaction that is read, when that is wanted")
    func verified() throws {
        let live = try LiveDatabase(mode: "delete")
        var options = SQLiteReadingOptions()
        options.isVerified = true
        #expect(try live.read(options).count == live.contents().count)
        var bytes = try live.contents()
        for offset in 0..<100 { bytes[bytes.count / 2 / 4096 * 4096 + offset] = 0x5a }
        try live.write(bytes)
        #expect(try live.read() == bytes)
        let error = #expect(throws: (any Error).self) { try live.read(options) }
        #expect(error.map { "\($0)".contains("damaged") } == true)
    }
}
