import Testing
import VarveSystem

@Suite("varve restore")
struct RestoreCommandTests {
    let varve: Program
    let source: String

    init() throws {
        varve = try Program()
        source = varve.path("source")
        try File.makeDirectory(source)
        try varve.write("one", "source/1.txt")
        try varve.write("two", "source/2.log")
        try varve.run("init")
        #expect(try varve.run("backup", source).status == 0)
    }

    private func restore(_ words: String...) throws -> Program.Run {
        try varve.runAlone(
            ["restore", "latest:" + source, "-t", varve.path("back")] + words
                + ["-r", varve.path("repository"), "--key-file", varve.path("key")])
    }

    @Test("says how many files are new, changed, unchanged, skipped and deleted")
    func summary() throws {
        #expect(try restore().output.contains("2 files, 0 directories"))
        try varve.write("spoilt", "back/1.txt")
        try varve.write("mine", "back/3.txt")
        let again = try restore("--delete").output
        #expect(again.contains("files: 1 changed, 1 unchanged; 0 directories; 1 deleted"))
        #expect(try varve.contents("back/1.txt") == "one")
        #expect(try restore("--overwrite", "never").output.contains("files: 2 skipped;"))
        let json = try restore("--json").output
        #expect(json.contains("\"files_unchanged\":2"))
        #expect(json.contains("\"bytes_written\":0"))
    }

    @Test("-n -v names each entry and changes nothing")
    func dryRun() throws {
        let run = try restore("-n", "-v", "-i", "*.txt")
        #expect(run.status == 0 && run.output.contains("would restore"))
        #expect(run.output.contains("restored   /1.txt") && !run.output.contains("2.log"))
        #expect(throws: SystemError.self) { _ = try File.status(of: varve.path("back")) }
    }

    @Test("gives everything to the owner that --chown names")
    func owner() throws {
        guard Accounts.currentUser == 0 else { return }
        #expect(try restore("--chown", "12345:23456", "--verify").status == 0)
        let status = try File.status(of: varve.path("back/1.txt"))
        #expect(status.uid == 12345 && status.gid == 23456)
    }

    @Test(
        "refuses what makes no sense, and says what to write",
        arguments: [
            (["--overwrite", "sometimes"], "always, if-changed, if-newer, never"),
            (["--chown", ":"], "user:group"), (["--chown", "nobody-of-this-name"], "no user"),
            (["-i", ""], "--include is empty"),
        ])
    func usage(words: [String], sentence: String) throws {
        let run = try varve.runAlone(
            ["restore", "latest", "-t", varve.path("back")] + words
                + ["-r", varve.path("repository"), "--key-file", varve.path("key")])
        #expect(run.status == 64 && run.errors.contains(sentence))
    }

    @Test(
        "exchanges no database by a part of it, and no table by rows",
        arguments: [
            (["--schema", "a"], "new database"), (["--schema-only"], "new database"),
            (["--data-only"], "empty tables"), (["--data-only", "--table", "a.b"], "empty tables"),
        ])
    func partReplaces(words: [String], sentence: String) throws {
        let run = try varve.runAlone(
            ["restore", "latest", "--to", "postgres:///x", "--replace"] + words
                + ["-r", varve.path("repository"), "--key-file", varve.path("key")])
        #expect(run.status == 64 && run.errors.contains(sentence))
    }

    @Test("does not empty the machine: --delete with --target / needs a path or --include")
    func root() throws {
        let run = try varve.run("restore", "latest", "-t", "/", "--delete", "-n")
        #expect(run.status == 64 && run.errors.contains("needs a path"))
    }

    @Test("--delete spares the repository and the cache inside of the source, and says so")
    func own() throws {
        let run = try varve.shell(
            """
            export VARVE_REPOSITORY="$HOME/repository" VARVE_KEY_FILE="$HOME/key"
            mkdir -p "$HOME/data" && $varve init && echo x > "$HOME/data/file" &&
            $varve backup "$HOME" && echo y > "$HOME/data/old" &&
            $varve restore "latest:$HOME" -t "$HOME" --delete && $varve snapshot list &&
            test ! -e "$HOME/data/old" && test -e "$HOME/key"
            """)
        #expect(run.status == 0, "\(run)")
        #expect(run.errors.contains("not removed: what the snapshot did not look at"))
    }

    @Test("--delete removes nothing from what is mounted below a source")
    func mounted() throws {
        // In a name space of its own: the mount ends with the process.
        let run = try varve.shell(
            """
            unshare -m true 2>/dev/null || exit 42
            exec unshare -m sh -c '
                mkdir -p "$HOME/data/mount/sub" "$HOME/data/plain" "$HOME/data/bound" "$HOME/other" &&
                $varve backup "$HOME/data" || exit 1
                mount -t tmpfs none "$HOME/data/mount" || exit 42
                mkdir "$HOME/data/mount/sub" && echo 1 > "$HOME/data/mount/one" &&
                echo 2 > "$HOME/data/mount/sub/two" && echo 3 > "$HOME/data/plain/three" &&
                mount --bind "$HOME/other" "$HOME/data/bound" && echo 4 > "$HOME/other/four" &&
                mkdir -p "$HOME/data/new/bound" &&
                mount --bind "$HOME/other" "$HOME/data/new/bound" || exit 42
                $varve restore "latest:$HOME/data" -t "$HOME/data" --delete
                echo "status $?"
                ls "$HOME/data/mount" "$HOME/data/mount/sub" "$HOME/data/plain" "$HOME/other"'
            """)
        guard run.status != 42 else { return }
        #expect(run.output.contains("one") && run.output.contains("two"), "\(run)")
        #expect(run.output.contains("four") && !run.output.contains("three"), "\(run)")
        #expect(run.errors.contains("not removed: what is mounted below a source"), "\(run)")
        // What is below a directory that the snapshot does not have is no stranger to anybody.
        #expect(run.output.contains("status 1"))
        #expect(run.errors.contains("/new/bound: something is mounted there"), "\(run)")
    }

    @Test("--delete leaves alone what lies beside a source that -x was led to")
    func passage() throws {
        let run = try varve.shell(
            """
            unshare -m true 2>/dev/null || exit 42
            exec unshare -m sh -c '
                mkdir -p "$HOME/data/mount" && mount -t tmpfs none "$HOME/data/mount" || exit 42
                mkdir -p "$HOME/data/mount/x/src" "$HOME/data/mount/other" &&
                echo 1 > "$HOME/data/mount/x/src/one" && echo 2 > "$HOME/data/mount/other/two" &&
                echo 3 > "$HOME/data/mount/x/three" &&
                $varve backup -x "$HOME/data" "$HOME/data/mount/x/src" || exit 1
                cp -a "$HOME/data" "$HOME/copy" && echo 4 > "$HOME/copy/mount/x/src/stranger" &&
                $varve restore "latest:$HOME/data" -t "$HOME/copy" --delete || exit 1
                cd "$HOME/copy" && find . -type f | sort | xargs'
            """)
        guard run.status != 42 else { return }
        #expect(run.status == 0, "\(run)")
        #expect(
            run.output.hasSuffix("./mount/other/two ./mount/x/src/one ./mount/x/three\n"), "\(run)")
    }

    @Test("--delete leaves a repository alone that was left out, though another one is read now")
    func ownElsewhere() throws {
        let run = try varve.shell(
            """
            mkdir -p "$HOME/data/sub" && cd "$HOME/data" && echo a > a && echo b > sub/b &&
            unset VARVE_REPOSITORY && $varve init -r sub/repo --key-file "$HOME/k" -q &&
            export VARVE_KEY_FILE="$HOME/k" && $varve backup -r sub/repo -q . &&
            cp -a sub/repo "$HOME/copy" && touch stranger &&
            $varve restore -r "$HOME/copy" "latest:$HOME/data" -t . --delete -q &&
            test -e sub/repo/varve.json && ls -m
            """)
        #expect(run.status == 0, "\(run)")
        #expect(run.output == "a, sub\n")
    }

    @Test("--delete removes nothing of what the snapshot did not look at, and says so")
    func partial() throws {
        let run = try varve.shell(
            """
            mkdir -p "$HOME/data/cache" "$HOME/data/shut" && cd "$HOME/data" &&
            printf "Signature: 8a477f597d28d172789f06886806bc55" > cache/CACHEDIR.TAG &&
            touch shut/marker shut/kept cache/kept && $varve backup --exclude-caches \
                --exclude-if-present marker . && touch cache/more stranger &&
            $varve restore "latest:$HOME/data" -t . --delete && find . -type f | sort | xargs &&
            $varve restore "latest:$HOME/data/cache" -t cache --delete && ls -m cache
            """)
        #expect(run.status == 0, "\(run)")
        #expect(
            run.output.contains(
                "./cache/CACHEDIR.TAG ./cache/kept ./cache/more ./shut/kept ./shut/marker\n"),
            "\(run)")
        #expect(run.output.hasSuffix("CACHEDIR.TAG, kept, more\n"), "\(run)")
        #expect(run.errors.contains("not removed: what the snapshot did not look at"), "\(run)")
    }

    @Test("--delete empties no directory of which only parts were taken, however many these are")
    func manySources() throws {
        let run = try varve.shell(
            """
            mkdir "$HOME/many" && cd "$HOME/many" && mkdir -p other $(seq 70) && touch 5/a &&
            $varve backup $(seq 70) && touch other/b 5/stranger &&
            for place in "$HOME/many" "$HOME/back/many"; do
                mkdir -p "$place/other" "$place/5" && touch "$place/other/b" "$place/5/stranger" &&
                $varve restore "latest:$HOME/many" -t "$place" --delete || exit 1
                ls "$place/5" "$place/other"
            done
            """)
        #expect(run.status == 0, "\(run)")
        #expect(run.output.contains("many/other:\nb\n"), "\(run)")
        #expect(run.output.contains("many/5:\na\n\n"), "\(run)")
        #expect(run.errors.contains("not removed: what the snapshot did not look at"), "\(run)")
    }

    @Test("without arguments and without a terminal says what to write")
    func alone() throws {
        let run = try varve.run("restore")
        #expect(run.status == 64 && run.errors.contains("varve snapshot restore latest --target"))
        let targetless = try varve.run("restore", "latest")
        #expect(targetless.status == 64 && targetless.errors.contains("--target is missing"))
    }
}
