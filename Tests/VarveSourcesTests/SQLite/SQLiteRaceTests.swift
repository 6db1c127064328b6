import TestSupport
import Testing
import VarveArchive
import VarveSystem

@testable import VarveSources

@Suite("Databases while others write")
struct SQLiteRaceTests {
    /// Moves amounts between accounts, and counts its commits, until it is killed.
    private static let writer = """
        import random, sqlite3, sys
        random.seed(int(sys.argv[2]))
        c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
        print('ready', flush=True)
        while True:
            try:
                c.execute('BEGIN IMMEDIATE')
                for _ in range(random.randint(1, 60)):
                    a, b, m = random.randint(1, 400), random.randint(1, 400), random.randint(1, 99)
                    c.execute('UPDATE t SET v=v-?, pad=randomblob(?) WHERE id=?', (m, random.randint(1, 5000), a))
                    c.execute('UPDATE t SET v=v+? WHERE id=?', (m, b))
                c.execute('INSERT INTO done SELECT 1+count(*), randomblob(?) FROM done', (random.randint(1, 9000),))
                if random.random() < 0.1:
                    c.execute('DELETE FROM waste')
                    c.execute('INSERT INTO waste SELECT randomblob(3000) FROM t LIMIT ?', (random.randint(0, 300),))
                c.execute('UPDATE total SET n=(SELECT count(*) FROM done)')
                c.execute('COMMIT')
                if random.random() < 0.2:
                    c.execute('PRAGMA wal_checkpoint(%s)' % random.choice(['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE']))
                if random.random() < 0.02:
                    c.execute('VACUUM')
                if random.random() < 0.1:
                    c.close()
                    c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
            except sqlite3.OperationalError as e:
                if c.in_transaction: c.execute('ROLLBACK')
        """

    @Test(
        "give one commit each time: sums agree, counters agree, integrity holds",
        arguments: ["wal", "delete"])
    func manyReadings(mode: String) throws {
        let numbers = SeededNumbers.fresh()
        let live = try LiveDatabase(mode: mode)
        try live.sql(
            """
            CREATE TABLE done (n INTEGER, pad BLOB); CREATE TABLE waste (pad BLOB);
            CREATE TABLE total (n INTEGER); INSERT INTO total VALUES (0); CREATE INDEX i ON t (v);
            """)
        let sum = try live.sql("SELECT sum(v) FROM t")
        let process = try ChildProcess(
            "python3", ["-c", Self.writer, live.path, String(numbers.seed % 1_000_000)])
        defer { process.terminate() }
        var room = [UInt8](repeating: 0, count: 6)
        _ = try room.withUnsafeMutableBytes { try process.output.read(into: $0) }
        var states: Set<String> = []
        for _ in 0..<(TestRun.isLong ? 400 : 40) {
            let bytes = try live.read()
            let answer = try live.ask(
                bytes,
                """
                PRAGMA integrity_check; SELECT sum(v) FROM t;
                SELECT (SELECT n FROM total)=(SELECT count(*) FROM done)
                    AND (SELECT n FROM total)=(SELECT coalesce(max(n), 0) FROM done);
                SELECT n FROM total;
                """)
            let lines = answer.split(separator: "\n")
            try #require(lines.dropLast() == ["ok", Substring(sum), "1"], "\(numbers.seed)")
            states.insert(String(lines[3]))
        }
        #expect(states.count > 5)
    }

    @Test("may lose their shared memory at any moment, which is no want of the right to write it")
    func vanishingSharedMemory() throws {
        let live = try LiveDatabase()
        let files = try SQLiteFiles(live.bytes)
        let memory = live.path + "-shm"
        let remover = try WorkerThreads.start(count: 1, name: "remover") { _ in
            for _ in 0..<20_000 {
                try? File.remove(memory)
                _ = try? File.createOrTruncate(memory)
            }
        }
        let answers = try (0..<20_000).map { _ in try files.canBeShared() }
        try remover.join()
        #expect(answers.allSatisfy { $0 })
    }

    @Test("are read by one reader of a process at a time, so that none loses the locks of another")
    func severalReaders() throws {
        let live = try LiveDatabase()
        try live.commit()
        let backup = try live.backup()
        let first = SQLiteInput(
            try SQLitePinning.pin(live.bytes, SQLiteReadingOptions()), SQLiteReadingOptions())
        let others = try WorkerThreads.start(count: 2, name: "reader") { _ in
            guard try live.ask(live.read(), "PRAGMA integrity_check") == "ok" else {
                throw SourceError("torn")
            }
        }
        let bytes = try LiveDatabase.contents(of: first, 100_000) { _ in
            try live.commit()
            try live.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        }
        try others.join()
        #expect(try differingPages(bytes, backup, pageBytes: 4096) == [])
    }
}
