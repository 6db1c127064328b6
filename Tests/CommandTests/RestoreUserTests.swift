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

    @Test("goes through directories that the user shut to themselves, and shuts them again")
    func shutDirectories() throws {
        try take(
            """
            mkdir -p shut/deep z zz && echo 1 > shut/deep/first && ln shut/deep/first shut/link &&
            ln shut/deep/first zz/link && ln shut/deep/first z/link &&
            mkdir y && (cd y && mkdir $(seq 200)) && chmod 600 shut/deep/first && chmod 0 shut/deep &&
            chmod 300 shut && chown -R 4321:4321 . && chmod 500 .
            """)
        for words in ["--verify", "-n --delete", "--verify --overwrite never", "-n", "--delete"] {
            let run = try restore(words)
            #expect(run.status == 0 && run.errors.isEmpty, "\(words): \(run)")
            for (name, mode) in [("shut/deep", 0o000), ("shut", 0o300)] {
                let status = try File.status(of: varve.path("back/" + name))
                #expect(status.mode == UInt32(mode), "\(words): \(name)")
            }
            let first = try File.status(of: varve.path("back/shut/deep/first"))
            #expect(first.links == 4, "\(words)")
        }
    }

    @Test("shuts directories again when the disk is full")
    func full() throws {
        try take("mkdir shut && head -c 300000 /dev/urandom > shut/long && chown -R 4321:4321 .")
        let run = try varve.shell(
            """
            unshare -m true 2>/dev/null || exit 42
            exec unshare -m sh -c '
                cd \(varve.path("")) && mkdir back && chown -R 4321 . && chmod 755 . &&
                { mount -t tmpfs -o size=100k,mode=755 none back || exit 42; } &&
                mkdir -p back/shut/below && chmod 0 back/shut && chown -R 4321 back &&
                setpriv --reuid 4321 --regid 4321 --clear-groups "$varve" restore \
                    latest:\(varve.path("source")) -t back
                echo "status $?" && stat -c "mode %a" back/shut'
            """)
        guard run.status != 42 else { return }
        #expect(run.output.contains("status 1\nmode 0\n"), "\(run)")
    }

    @Test("shuts a target again into which it put a single file, or only looked")
    func shutTarget() throws {
        try take("echo 1 > file && chown -R 4321:4321 .")
        for (words, isThere) in [("-n", false), ("", true)] {
            let run = try varve.shell(
                """
                cd \(varve.path("")) && mkdir -p back && chown -R 4321 . && chmod 500 back &&
                exec setpriv --reuid 4321 --regid 4321 --clear-groups "$varve" restore \
                    latest:\(varve.path("source"))/file -t back \(words)
                """)
            #expect(run.status == 0, "\(run)")
            let file = try? File.status(of: varve.path("back/file"))
            #expect((file != nil) == isThere)
            #expect(try File.status(of: varve.path("back")).mode == 0o500)
        }
    }

    @Test("--delete goes through such directories, too, and shuts again what stays")
    func shutStrangers() throws {
        try take("echo 1 > file && chown -R 4321:4321 .")
        let strangers =
            """
            mkdir -p back/old/deep back/old/kept && echo 1 > back/old/deep/a &&
            echo 1 > back/old/kept/b && chown -R 4321 back && chmod 0 back/old/deep back/old/kept &&
            chmod 100 back/old
            """
        let plan = try restore("-n --delete", before: strangers)
        #expect(plan.status == 0 && plan.errors.isEmpty, "\(plan)")
        #expect(plan.output.contains("5 deleted"), "\(plan)")
        #expect(try File.status(of: varve.path("back/old")).mode == 0o100)
        #expect(try File.status(of: varve.path("back/old/deep")).mode == 0)
        let run = try restore("--delete -e b")
        #expect(run.status == 0 && run.output.contains("2 deleted"), "\(run)")
        #expect(try File.status(of: varve.path("back/old")).mode == 0o100)
        #expect(try File.status(of: varve.path("back/old/kept")).mode == 0)
        #expect(try varve.contents("back/old/kept/b") == "1\n")
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
