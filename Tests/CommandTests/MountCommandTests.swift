import TestSupport
import Testing
import VarveSystem

@Suite("varve mount")
struct MountCommandTests {
    private let program: Program

    init() throws {
        program = try Program()
        try program.run("init")
        try File.makeDirectory(program.path("source"))
        try program.write("hello", "source/file")
        try program.run("snapshot", "create", program.path("source"))
    }

    private static let canMount =
        Accounts.currentUser == 0 && (try? File.status(of: "/dev/fuse")) != nil

    @Test(
        "shows snapshots until it is told to end, which is a success",
        .enabled(if: canMount, "the tests are not root's, or there is no /dev/fuse"),
        arguments: ["INT", "TERM"])
    func serves(signal: String) throws {
        let run = try program.shell(
            """
            cd '\(program.path(""))' && mkdir mnt
            $varve mount mnt > said &
            until grep -q mounted said; do kill -0 $! || exit 7; sleep 0.01; done
            cat 'mnt/latest\(program.path("source"))/file'
            kill -\(signal) $!
            wait $!
            echo " status $?"
            ls mnt
            """)
        #expect(run.status == 0 && run.output == "hello status 0\n", "\(run)")
        let said = try program.contents("said").split(separator: "\n")
        #expect(said.first?.hasPrefix("mounted 1 snapshot of ") == true)
        #expect(said.last?.hasPrefix("unmounted ") == true)
    }

    @Test("says in one sentence why it cannot mount")
    func refusals() throws {
        let cases = [
            ("missing", "there is no"), ("source/file", "is no directory"),
            ("source", "is not empty"),
        ]
        for (place, reason) in cases {
            let run = try program.run("mount", program.path(place))
            #expect(run.status == 1 && run.output.isEmpty)
            #expect(run.errors.contains(reason) && run.errors.hasPrefix("varve: "), "\(run)")
            #expect(run.errors.split(separator: "\n").count == 1)
        }
        #expect(try program.runAlone(["mount"]).status == 64)
    }
}
