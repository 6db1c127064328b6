import TestSupport
import Testing
import VarveSystem

@Suite("SQLite databases on the command line")
struct SQLiteTests {
    let varve: Program
    var database: String { varve.path("app/live.db") }

    init() throws {
        varve = try Program()
        try File.makeDirectory(varve.path("app"))
        try varve.run("init")
        try sql(
            "PRAGMA journal_mode=wal; CREATE TABLE t (id INTEGER PRIMARY KEY, v); "
                + "CREATE TABLE other (x); INSERT INTO t VALUES (1, 'one'); PRAGMA wal_checkpoint")
    }

    /// Runs statements in another process, which leaves the WAL as it is.
    @discardableResult
    private func sql(_ statements: String, _ path: String? = nil) throws -> String {
        let run = try varve.shell(
            "sqlite3 -cmd '.dbconfig no_ckpt_on_close on' \(path ?? database) \"\(statements)\"")
        #expect(run.status == 0, "\(run.errors)")
        return run.output.split(separator: "\n").dropFirst().joined(separator: "\n")
    }

    private func take(_ words: String) throws -> Program.Run {
        try varve.shell("cd \(varve.path("")); exec \"$varve\" backup -v \(words)")
    }

    private func ask(_ statement: String, of reference: String = "latest") throws -> String {
        let run = try varve.shell(
            "\"$varve\" dump \(reference):\(database) > \(varve.path("dumped")) && "
                + "sqlite3 \(varve.path("dumped")) \"\(statement)\"")
        return run.status == 0
            ? String(run.output.split(separator: "\n").joined(separator: "\n")) : run.errors
    }

    @Test("are stored with what is only in the WAL, which is not stored by itself")
    func trees() throws {
        try sql("INSERT INTO t VALUES (2, 'two')")
        let run = try take("app")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("2 beside databases"))
        #expect(try ask("SELECT group_concat(v) FROM t") == "one,two")
        let listed = try varve.run("snapshot", "ls", "latest").output
        #expect(listed.contains("live.db") && !listed.contains("live.db-"))
        // Its own status is as it was, and yet it has become another.
        let before = try File.status(of: database)
        try sql("INSERT INTO t VALUES (3, 'three')")
        #expect(try File.status(of: database) == before)
        #expect(try take("app").status == 0)
        #expect(try ask("SELECT group_concat(v) FROM t") == "one,two,three")
    }

    @Test("are regular files: a pipe is refused, and not waited for")
    func pipes() throws {
        let pipe = varve.path("pipe")
        #expect(try varve.shell("mkfifo \(pipe)").status == 0)
        for scheme in ["sqlite", "json"] {
            let run = try varve.run("backup", "\(scheme):\(pipe)")
            #expect(run.status == 1 && run.errors.contains("is no regular file"), "\(run)")
        }
    }

    @Test("are not read again when nothing was written, be it to the WAL alone")
    func unchanged() throws {
        #expect(try varve.shell("sqlite3 \(database) 'SELECT 1 FROM t'").status == 0)
        #expect(try varve.shell("touch -d '1 hour ago' \(database); sleep 0.2").status == 0)
        _ = try take("app")
        // What changed just now is read once more.
        try wait(for: "a file that is old enough") {
            try take("app").output.contains("1 unmodified")
        }
        #expect(try ask("SELECT count(*) FROM t") == "1")
        let before = try File.status(of: database)
        try sql("INSERT INTO t VALUES (2, 'two')")
        #expect(try File.status(of: database) == before)
        #expect(try take("app").status == 0)
        #expect(try ask("SELECT count(*) FROM t") == "2")
    }

    @Test("are files like any other with --databases off")
    func off() throws {
        try sql("INSERT INTO t VALUES (2, 'two')")
        #expect(try take("app --databases off").status == 0)
        let listed = try varve.run("snapshot", "ls", "latest").output
        #expect(listed.contains("live.db-wal"))
        #expect(try ask("SELECT group_concat(v) FROM t") == "one")
        // Together they are the database.
        #expect(
            try varve.run("restore", "latest:\(varve.path("app"))", "-t", varve.path("back")).status
                == 0)
        #expect(try sql("SELECT group_concat(v) FROM t", varve.path("back/live.db")) == "one,two")
        // Nor is one of them taken for what another database has left.
        #expect(try varve.shell(": > \(varve.path("back/live.db"))").status == 0)
        #expect(
            try varve.run("restore", "latest:\(varve.path("app"))", "-t", varve.path("back")).status
                == 0)
        #expect(try sql("SELECT group_concat(v) FROM t", varve.path("back/live.db")) == "one,two")
    }

    @Test("are the same entry, whether named as a source or found in a tree")
    func sources() throws {
        try sql("INSERT INTO t VALUES (2, 'two')")
        #expect(
            try varve.shell(
                "chown 12:34 \(database); chmod 640 \(database); ln -s live.db \(varve.path("app/link"))"
            ).status == 0)
        let named = try take("sqlite:app/link")
        #expect(named.status == 0, "\(named.errors)")
        #expect(named.output.contains("snapshot") && named.output.contains("sqlite:\(database)"))
        let line = try varve.run("snapshot", "ls", "-l", "latest:\(varve.path("app"))").output
            .split(separator: "\n").first { $0.hasSuffix("live.db") }
        #expect(try take("app sqlite:app/live.db").status == 0)
        let both = try varve.run("snapshot", "ls", "-l", "latest:\(varve.path("app"))").output
        #expect(line.map { both.contains($0) } == true, "\(line ?? "") and \(both)")
        #expect(try take("app").status == 0)
        let tree = try varve.run("snapshot", "ls", "-l", "latest:\(varve.path("app"))").output
        #expect(line.map { tree.contains($0) } == true, "\(line ?? "") and \(tree)")
        #expect(try ask("SELECT group_concat(v) FROM t") == "one,two")
    }

    @Test("have nothing beside them in a tree that is read otherwise, when they are named")
    func namedInTree() throws {
        try sql("INSERT INTO t VALUES (2, 'two')")
        #expect(try take("app sqlite:app/live.db --databases off").status == 0)
        let listed = try varve.run("snapshot", "ls", "latest").output
        #expect(listed.contains("live.db") && !listed.contains("live.db-"))
        #expect(try ask("SELECT group_concat(v) FROM t") == "one,two")
    }

    @Test("that cannot be read at one commit are named, and are not in the snapshot")
    func failures() throws {
        #expect(try varve.shell("echo text > \(varve.path("app/text"))").status == 0)
        #expect(
            try varve.shell(
                "rm \(database)-*; printf 'SQLite format 3\\0nonsense' > \(database)"
            ).status == 0)
        let tree = try take("app")
        #expect(tree.status == 3 && tree.errors.contains("\(database): it is"), "\(tree.errors)")
        let listed = try varve.run("snapshot", "ls", "latest").output
        #expect(listed.contains("app/text") && !listed.contains("live.db"))
        let beside = try take("app/text sqlite:app/live.db")
        #expect(beside.status == 3 && beside.errors.contains("live.db"), "\(beside.errors)")
        let alone = try take("sqlite:app/live.db")
        #expect(alone.status == 1 && alone.errors.contains("no SQLite database"), "\(alone.errors)")
        let missing = try take("sqlite:app/missing.db")
        #expect(
            missing.status == 1 && missing.errors.contains("does not exist"), "\(missing.errors)")
    }

    @Test("are read once for all their names")
    func hardLinks() throws {
        try sql("INSERT INTO t VALUES (2, 'two')")
        #expect(try varve.shell("ln \(database) \(varve.path("app/second.db"))").status == 0)
        let run = try take("app")
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            try varve.run("restore", "latest:\(varve.path("app"))", "-t", varve.path("back")).status
                == 0)
        #expect(
            try File.status(of: varve.path("back/second.db")).inode
                == File.status(of: varve.path("back/live.db")).inode)
    }

    @Test(
        "are restored without what a WAL beside them would play into them",
        arguments: [false, true])
    func staleLog(isEqual: Bool) throws {
        #expect(try take("app").status == 0)
        // Newer, and in the WAL only; the file itself is still that of the snapshot.
        try sql("INSERT INTO t VALUES (2, 'newer')")
        if !isEqual { try sql("PRAGMA wal_checkpoint; INSERT INTO t VALUES (3, 'newest')") }
        let target = varve.path("app")
        let run = try varve.run("restore", "latest:\(target)", "-t", target)
        #expect(run.status == 0, "\(run.errors)")
        #expect((try? File.status(of: database + "-wal")) == nil)
        #expect(try sql("SELECT group_concat(v) FROM t") == "one")
    }

    @Test("are written as new files, so that who has them open sees the old one or the new one")
    func exchange() throws {
        try sql("INSERT INTO t SELECT NULL, randomblob(40000000); PRAGMA wal_checkpoint(TRUNCATE)")
        #expect(try take("app").status == 0)
        try sql("UPDATE t SET v='changed' WHERE id=1; PRAGMA wal_checkpoint(TRUNCATE)")
        let inode = try File.status(of: database).inode
        let target = varve.path("app")
        #expect(try varve.run("restore", "latest:\(target)", "-t", target).status == 0)
        #expect(try File.status(of: database).inode != inode)
        #expect(try sql("SELECT v FROM t WHERE id=1") == "one")
    }

    @Test("are not exchanged under a program that has them open")
    func inUse() throws {
        #expect(try take("app").status == 0)
        try sql(
            "INSERT INTO t VALUES (2, 'newer'); PRAGMA wal_checkpoint; DELETE FROM t WHERE id=1")
        let gate = varve.path("gate")
        #expect(try varve.shell("mkfifo \(gate)").status == 0)
        let user = try ChildProcess(
            "sqlite3", [database, "SELECT 1 FROM t", ".shell echo open; cat \(gate)"])
        var room = [UInt8](repeating: 0, count: 64)
        var seen = ""
        while !seen.contains("open") {
            let count = try room.withUnsafeMutableBytes { try user.output.read(into: $0) }
            seen += String(decoding: room[..<count], as: UTF8.self)
        }
        let target = varve.path("app")
        let run = try varve.run("restore", "latest:\(target)", "-t", target)
        #expect(run.status == 1 && run.errors.contains("busy"), "\(run.errors)")
        #expect(try sql("SELECT group_concat(v) FROM t") == "newer")
        #expect(try varve.shell(": > \(gate)").status == 0)
        #expect(try user.wait().isSuccess)
        #expect(try varve.run("restore", "latest:\(target)", "-t", target).status == 0)
        #expect(try sql("SELECT group_concat(v) FROM t") == "one")
    }

    @Test("are read where an ordinary user may not write", .enabled(if: Accounts.currentUser == 0))
    func withoutRights() throws {
        try sql("INSERT INTO t VALUES (2, 'two')")
        let run = try varve.shell(
            """
            cd \(varve.path("")); chmod 711 .; rm app/live.db-shm; chmod 555 app; chmod 444 app/live.db*
            mkdir own; chown 4321 own key repository -R
            HOME=$PWD/own exec setpriv --reuid 4321 --regid 4321 --clear-groups "$varve" backup app
            """)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try ask("SELECT group_concat(v) FROM t") == "one,two")
        #expect((try? File.status(of: database + "-shm")) == nil)
    }
}
