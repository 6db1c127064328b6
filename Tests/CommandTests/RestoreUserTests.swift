import Testing
import VarveSystem

/// Needs root, to become somebody else.
@Suite("varve restore for an ordinary user", .enabled(if: Accounts.currentUser == 0))
struct RestoreUserTests {
    let varve: Program

    init() throws {
        varve = try Program()
        try File.makeDirectory(varve.path("source"))
        try varve.run("init")
    }

    /// Runs the program as user 4321, who also is in group 55; the shell commands before it as root.
    private func restore(_ words: String, before: String = "true") throws -> Program.Run {
        try varve.shell(
            """
            cd \(varve.path(""))
            [ -e back ] || { mkdir back && chown -R 4321 . ; }
            \(before)
            exec setpriv --reuid 4321 --regid 4321 --groups 55 "$varve" restore \
                latest:\(varve.path("source")) -t back \(words)
            """)
    }

    private func take(_ commands: String) throws {
        #expect(
            try varve.shell(
                "cd \(varve.path("source")) && \(commands) && \"$varve\" backup ."
            ).status == 0)
    }

    @Test("sets the groups that the user is in, and takes setuid and setgid bits from the rest")
    func groups() throws {
        try take(
            """
            echo 1 > member && chown 4321:55 member && chmod 2755 member &&
            echo 2 > stranger && chown 4321:66 stranger && chmod 6755 stranger &&
            echo 3 > root && chmod 4755 root
            """)
        let run = try restore("-v", before: "chown -R 0:0 source && chmod -R 700 source")
        #expect(run.status == 0, "\(run.errors)")
        for (name, gid, mode) in [
            ("member", 55, 0o2755), ("stranger", 4_321, 0o755), ("root", 4_321, 0o755),
        ] {
            let status = try File.status(of: varve.path("back/" + name))
            #expect(status.uid == 4_321 && status.gid == UInt32(gid), "\(name)")
            #expect(status.mode == UInt32(mode), "\(name)")
        }
        #expect(run.errors.contains("setuid and setgid bits"))
        #expect(run.errors.contains("groups (only root and their members may set them)"))
        #expect(try restore("").output.contains("files: 3 unchanged"))
    }

    @Test("finds files equal that the user may not read")
    func unreadable() throws {
        try take(
            """
            echo 1 > shut && chmod 0 shut && echo 2 > writable && chmod 200 writable &&
            chown 4321:4321 *
            """)
        let run = try restore("--verify")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try restore("-n").output.contains("files: 2 unchanged"))
        #expect(try restore("").output.contains("files: 2 unchanged"))
        #expect(try File.status(of: varve.path("back/shut")).mode == 0)
        #expect(try File.status(of: varve.path("back/writable")).mode == 0o200)
    }

    @Test("says what is too long for `ulimit -f`, and goes on")
    func limit() throws {
        try take("head -c 3000000 /dev/urandom > long && echo 1 > short && chown 4321 *")
        let run = try restore("", before: "ulimit -f 1000")
        #expect(run.status == 1, "\(run.end) \(run.errors)")
        #expect(run.errors.contains("File too large"))
        #expect(try varve.contents("back/short") == "1\n")
    }
}
