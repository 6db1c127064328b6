import Testing
import VarveSystem

@Suite("The command dump")
struct DumpTests {
    let program: Program

    init() throws {
        program = try Program()
        try program.run("init")
        try File.makeDirectories(program.path("tree/below"))
        try program.write("one\n", "tree/a")
        try program.write("two\n", "tree/below/b")
        try program.run("backup", program.path("tree"))
    }

    private var tree: String { "latest:" + program.path("tree") }

    @Test("gives a directory as a tar archive, and a file as it is")
    func tar() throws {
        let run = try program.shell(
            "$varve dump \(tree) | tar -t; $varve dump \(tree)/below/b; $varve dump latest | tar -t"
        )
        #expect(run.status == 0)
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines.prefix(5) == ["./", "a", "below/", "below/b", "two"])
        #expect(lines.last == program.path("tree").dropFirst() + "/below/b")
    }

    @Test("writes into a file, all of it or none")
    func target() throws {
        let zip = program.path("out.zip")
        let run = try program.run("dump", tree, "-a", "zip", "--target", zip)
        #expect(run.status == 0 && run.output == "")
        #expect(try program.shell("unzip -tq \(zip)").status == 0)
        #expect(try program.run("dump", "\(tree)/a", "-t", program.path("a")).status == 0)
        #expect(try program.contents("a") == "one\n")
        let missing = try program.run("dump", "\(tree)/missing", "-t", program.path("a"))
        #expect(missing.status == 1)
        #expect(try program.contents("a") == "one\n")
        #expect(try program.entries("").sorted().filter { $0.contains(".varve") } == [])
    }

    @Test("goes into what is no regular file as it is")
    func device() throws {
        let run = try program.run("dump", tree, "-t", "/dev/full")
        #expect(run.status == 1)
        #expect(run.errors.contains("No space left on device"))
    }

    @Test("says what it does not understand")
    func usage() throws {
        let run = try program.run("dump", tree, "-a", "rar")
        #expect(run.status == 64)
        #expect(run.errors == "varve: --archive is 'rar'; it is tar or zip\n")
    }

    @Test("ends with status 20 when something is damaged, and its archive is no archive")
    func damaged() throws {
        let run = try program.shell(
            """
            for pack in $(find "$VARVE_REPOSITORY/packs/data" -type f); do
                printf XXXX | dd of="$pack" bs=1 seek=60 conv=notrunc status=none
            done
            $varve dump \(tree) > broken.tar; status=$?
            tar -tf broken.tar 2>/dev/null && echo whole
            rm broken.tar
            $varve dump \(tree) -t "$VARVE_REPOSITORY/../never.tar"
            exit $status
            """)
        #expect(run.status == 20)
        #expect(run.output == "")
        #expect(throws: SystemError.self) { try program.contents("never.tar") }
    }
}
