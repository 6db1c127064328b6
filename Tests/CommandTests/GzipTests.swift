import Testing
import VarveSystem

@Suite("Gzip on the way in and out")
struct GzipTests {
    let program: Program

    init() throws {
        program = try Program()
        try program.run("init")
    }

    @Test("what is inside is stored, and noted")
    func inside() throws {
        let run = try program.shell(
            """
            seq 200000 > "$HOME/plain" && split -n 2 "$HOME/plain" "$HOME/half-" &&
            cat "$HOME/plain" | gzip | $varve backup --stdin app.sql.gz --gunzip &&
            gzip "$HOME/half-aa" "$HOME/half-ab" &&
            $varve backup --command app.sql.gz --gunzip -- cat "$HOME/half-aa.gz" "$HOME/half-ab.gz" &&
            $varve dump latest~1:/app.sql | cmp - "$HOME/plain" &&
            $varve dump latest:/app.sql | cmp - "$HOME/plain" && $varve snapshot show latest
            """)
        #expect(run.status == 0, "\(run)")
        #expect(run.output.contains("app.sql: unpacked gzip"))
        #expect(run.output.contains("(0.1 %)"), "both are the same content")
    }

    @Test(
        "what is no whole gzip makes no snapshot",
        arguments: [
            ("echo plain", "it is not compressed with gzip"),
            ("seq 90000 | gzip | head -c 10000", "it ends in the middle of its gzip data"),
            ("printf ''", "it ends in the middle of its gzip data"),
            ("{ echo 1 | gzip; echo 2; }", "2 bytes behind its gzip data are none of it"),
        ])
    func broken(command: String, reason: String) throws {
        let run = try program.shell("\(command) | $varve backup --stdin a.gz --gunzip")
        #expect(run.status == 1)
        #expect(run.errors.contains(reason), "\(run.errors)")
        #expect(try program.run("snapshots").output.contains("no snapshots"))
    }

    @Test("a program that fails is named, not its output")
    func failing() throws {
        let run = try program.shell(
            "$varve backup --command a.gz --gunzip -- sh -c 'echo 1 | gzip | head -c 9; exit 3'")
        #expect(run.status == 1)
        #expect(run.errors.contains("sh ended with"), "\(run.errors)")
    }

    @Test("what is dumped can be a valid gzip: a file, and a directory as tar")
    func out() throws {
        let run = try program.shell(
            """
            seq 500000 | $varve backup -q --stdin numbers &&
            $varve dump latest:/numbers --gzip > "$HOME/n.gz" && gzip -t "$HOME/n.gz" &&
            test "$(gzip -dc "$HOME/n.gz" | sha256sum)" = "$(seq 500000 | sha256sum)" &&
            $varve dump latest --gzip | tar -tz && $varve dump latest --gzip -t "$HOME/all.tgz" &&
            tar -tzf "$HOME/all.tgz"
            """)
        #expect(run.status == 0, "\(run)")
        #expect(run.output == "numbers\nnumbers\n")
        #expect(try program.run("dump", "latest", "--gzip", "-a", "zip").status == 64)
        let full = try program.run("dump", "latest:/numbers", "--gzip", "-t", "/dev/full")
        #expect(full.status == 1 && full.errors.contains("No space left on device"))
    }

    @Test("a dump that fails is no whole gzip")
    func damaged() throws {
        let run = try program.shell(
            """
            head -c 3000000 /dev/urandom | $varve backup -q --stdin noise &&
            pack=$(find "$VARVE_REPOSITORY/packs/data" -type f -size +1M | head -1) &&
            chmod u+w "$pack" &&
            printf %32d 0 | dd of="$pack" bs=1 seek=500000 conv=notrunc status=none &&
            { $varve dump latest:/noise --gzip > "$HOME/n.gz"; echo "status $?"; gzip -t "$HOME/n.gz"; }
            """)
        #expect(run.status == 1 && run.output.contains("status 20"), "\(run)")
        #expect(run.errors.contains("unexpected end of file"))
    }
}
