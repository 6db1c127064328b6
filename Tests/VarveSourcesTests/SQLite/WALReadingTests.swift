import Synchronization
import TestSupport
import Testing
import VarveSystem

@testable import VarveSources

@Suite("A database with a WAL")
struct WALReadingTests {
    /// What other processes do while the database is read.
    private static let steps = [
        "UPDATE t SET v=v+1, pad=randomblob(length(pad)) WHERE id % 3 = 0",
        "PRAGMA wal_checkpoint(PASSIVE)",
        "INSERT INTO t (v, pad) SELECT v, randomblob(length(pad)) FROM t WHERE id < 50",
        "PRAGMA wal_checkpoint(RESTART)", "DELETE FROM t WHERE id % 5 = 0",
        "PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM",
    ]

    private func read(_ live: LiveDatabase) throws -> [UInt8] {
        try live.read { step in try live.sql(Self.steps[step % Self.steps.count]) }
    }

    @Test(
        "is read as it was at one commit, whatever is written and checkpointed meanwhile",
        arguments: [512, 1024, 4096, 8192, 65536], [false, true])
    func moments(pageBytes: Int, isCheckpointed: Bool) throws {
        let live = try LiveDatabase(pageBytes: pageBytes, rows: max(40, 800_000 / pageBytes))
        try live.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        try live.commit()
        try live.commit()
        if isCheckpointed { try live.sql("PRAGMA wal_checkpoint(PASSIVE)") }
        let backup = try live.backup()
        let bytes = try read(live)
        #expect(try differingPages(bytes, backup, pageBytes: pageBytes) == [])
        #expect(try live.ask(bytes, "PRAGMA integrity_check") == "ok")
        // Meanwhile it has become another.
        #expect(try live.backup() != backup)
        #expect(try differingPages(bytes, live.backup(), pageBytes: pageBytes) != [])
    }

    @Test(
        "is read to its length at the commit, be the file longer or shorter",
        arguments: [false, true])
    func lengths(isGrown: Bool) throws {
        let live = try LiveDatabase()
        try live.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        if isGrown {
            try live.sql("INSERT INTO t (v, pad) SELECT v, pad FROM t; CREATE INDEX i ON t (v)")
        } else {
            try live.sql("DELETE FROM t WHERE id > 40", "VACUUM")
        }
        let (backup, file) = (try live.backup(), try live.contents().count)
        let bytes = try read(live)
        #expect(isGrown ? bytes.count > file : bytes.count < file)
        #expect(try differingPages(bytes, backup, pageBytes: 4096) == [])
    }

    @Test("is read without what a killed writer had not committed", arguments: [false, true])
    func killedWriter(losesIndex: Bool) throws {
        let live = try LiveDatabase()
        try live.commit()
        let backup = try live.backup()
        let before = try live.contents("-wal").count
        try live.killWriter()
        #expect(try live.contents("-wal").count > before)
        if losesIndex { try File.remove(live.path + "-shm") }
        #expect(try differingPages(live.read(), backup, pageBytes: 4096) == [])
    }

    @Test("is read to the last whole commit when the end of its WAL is torn")
    func tornEnd() throws {
        let live = try LiveDatabase()
        try live.commit()
        let (backup, whole) = (try live.backup(), try live.contents("-wal"))
        try live.commit()
        let torn = try live.contents("-wal").count
        #expect(torn > whole.count)
        for keep in [whole.count + 11, torn - 4000, torn - 1] {
            try live.write(Array(try live.contents("-wal").prefix(keep)), "-wal")
            try? File.remove(live.path + "-shm")
            #expect(try differingPages(live.read(), backup, pageBytes: 4096) == [])
        }
    }

    @Test("is read to the last whole commit when a frame behind it is not what was written")
    func spoiltFrame() throws {
        let live = try LiveDatabase()
        try live.commit()
        let (backup, whole) = (try live.backup(), try live.contents("-wal").count)
        try live.commit()
        var spoilt = try live.contents("-wal")
        spoilt[whole + 1000] ^= 1
        try live.write(spoilt, "-wal")
        try File.remove(live.path + "-shm")
        #expect(try differingPages(live.readUnlocked(), backup, pageBytes: 4096) == [])
        #expect(try differingPages(live.read(), backup, pageBytes: 4096) == [])
    }

    @Test("is refused when a frame in front of the mark is not what was written")
    func spoiltCommit() throws {
        let live = try LiveDatabase()
        try live.commit()
        let holder = try SQLiteConnection(live.bytes, .read)
        try holder.run("BEGIN")
        _ = try holder.integer("SELECT count(*) FROM t")
        var spoilt = try live.contents("-wal")
        spoilt[1000] ^= 1
        try live.write(spoilt, "-wal")
        let error = #expect(throws: SourceError.self) { try live.read() }
        #expect(error?.description.contains("WAL is damaged") == true)
        holder.close()
    }

    @Test("is looked at again when a commit came while the transaction began")
    func overtaken() throws {
        let live = try LiveDatabase()
        try live.commit()
        let begun = Atomic(0)
        var options = SQLiteReadingOptions()
        options.whenBegun = {
            if begun.wrappingAdd(1, ordering: .relaxed).newValue == 1 { try live.commit() }
        }
        let bytes = try live.read(options)
        #expect(begun.load(ordering: .relaxed) == 2)
        #expect(try differingPages(bytes, live.backup(), pageBytes: 4096) == [])
    }

    @Test("may have checksums over words of the other byte order")
    func otherByteOrder() throws {
        let live = try LiveDatabase()
        try live.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        try live.commit()
        let backup = try live.backup()
        try live.write(Self.withOtherByteOrder(try live.contents("-wal")), "-wal")
        try File.remove(live.path + "-shm")
        #expect(try differingPages(read(live), backup, pageBytes: 4096) == [])
    }

    /// The same WAL as a machine of the other byte order writes it.
    private static func withOtherByteOrder(_ wal: [UInt8]) -> [UInt8] {
        var wal = wal
        let isBigEndian = wal[3] & 1 == 0
        wal[3] ^= 1
        var sum = WALChecksum()
        func add(_ range: Range<Int>) {
            wal[range].withUnsafeBytes { sum.add($0, isBigEndian: isBigEndian) }
        }
        func store(_ offset: Int) {
            for (index, word) in [sum.first, sum.second].enumerated() {
                withUnsafeBytes(of: word.bigEndian) {
                    wal.replaceSubrange(offset + 4 * index..<offset + 4 * index + 4, with: $0)
                }
            }
        }
        add(0..<24)
        store(24)
        for start in stride(from: 32, to: wal.count - 4096, by: 24 + 4096) {
            add(start..<start + 8)
            add(start + 24..<start + 24 + 4096)
            store(start + 16)
        }
        return wal
    }

    @Test("is left as it was, and what was not there is not there afterwards")
    func traces() throws {
        let live = try LiveDatabase()
        try live.commit()
        let before = [try live.contents(), try live.contents("-wal")]
        _ = try live.read()
        #expect([try live.contents(), try live.contents("-wal")] == before)
        // A connection that ends as they mostly do.
        _ = try ChildProcess("sqlite3", [live.path, "SELECT 1 FROM t"]).wait()
        #expect(try live.companions() == [])
        _ = try live.read()
        #expect(try live.companions() == [])
    }

    @Test(
        "is read as it lies where SQLite may not write, and its WAL with it",
        arguments: [false, true])
    func unlocked(hasWAL: Bool) throws {
        let live = try LiveDatabase()
        try live.commit()
        try live.killWriter()
        if !hasWAL { _ = try ChildProcess("sqlite3", [live.path, "SELECT 1 FROM t"]).wait() }
        let backup = try live.backup()
        for companion in try live.companions() where companion.hasSuffix("-shm") {
            try File.remove(live.directory + "/" + companion)
        }
        let companions = try live.companions()
        #expect(try differingPages(live.readUnlocked(), backup, pageBytes: 4096) == [])
        #expect(try live.companions() == companions)
        #expect(throws: SourceError.self) {
            try live.readUnlocked { step in if step == 3 { try live.commit() } }
        }
    }

    @Test("is refused when its file is shorter than it says, and the WAL has nothing of the rest")
    func missingPages() throws {
        let live = try LiveDatabase()
        try live.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        let whole = try live.contents()
        try live.write(Array(whole.dropLast(8192)))
        let error = #expect(throws: SourceError.self) { try live.readUnlocked() }
        #expect(error?.description.contains("is missing") == true)
    }

    @Test("is not read as it lies while another program has it open")
    func unlockedInUse() throws {
        let live = try LiveDatabase()
        let gate = live.directory + "/gate"
        #expect(try ChildProcess("mkfifo", [gate]).wait().isSuccess)
        let user = try ChildProcess(
            "sqlite3",
            [
                live.path, "PRAGMA locking_mode=exclusive", "SELECT count(*) FROM t",
                ".shell echo open; cat \(gate)",
            ])
        try LiveDatabase.wait(for: "open", from: user)
        #expect(throws: SourceError.self) { try live.readUnlocked() }
        #expect(try ChildProcess("sh", ["-c", ": > \(gate)"]).wait().isSuccess)
        #expect(try user.wait().isSuccess)
        #expect(try live.readUnlocked().count > 0)
    }

    @Test("is not taken when its locks were lost while it was read", arguments: [false, true])
    func lostLocks(isCheckpointed: Bool) throws {
        let live = try LiveDatabase()
        try live.commit()
        if isCheckpointed { try live.sql("PRAGMA wal_checkpoint(PASSIVE)") }
        let error = #expect(throws: SourceError.self) {
            try live.read { step in
                guard step == 3 else { return }
                // Closing any descriptor of a file gives back all locks of the process on it.
                for suffix in ["", "-wal", "-shm"] { _ = try File.openToRead(live.path + suffix) }
                for _ in 0..<3 {
                    try live.commit()
                    try live.sql("PRAGMA wal_checkpoint(RESTART)")
                }
            }
        }
        #expect(error?.description.contains("in spite of the lock") == true)
    }
}
