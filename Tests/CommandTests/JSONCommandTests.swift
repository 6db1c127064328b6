import Testing
import VarveSystem

@Suite("JSON files")
struct JSONCommandTests {
    let program: Program
    private let first = """
        {
          "templates": {"mail": "hello", "bill": "pay"},
          "users": [1, 2, 3],
          "on": true
        }

        """

    init() throws {
        program = try Program()
        try program.run("init")
        try program.write(first, "state.json")
    }

    private var path: String { program.path("state.json") }

    private func backup() throws -> Program.Run { try program.run("backup", "json:" + path) }

    @Test("are stored as they are, with what their sections hold")
    func stored() throws {
        #expect(try backup().status == 0)
        #expect(try program.run("dump", "latest:" + path).output == first)
        let show = try program.run("snapshot", "show", "latest").output
        #expect(show.contains("\(path) (json)"))
        #expect(show.contains("/templates ") && show.contains(", 2 entries\n"))
        #expect(show.contains("/users ") && show.contains(", 3 entries\n"))
        try program.write(first.replacing("\"on\": true", with: "\"on\":  true"), "state.json")
        #expect(try backup().status == 0)
        let again = try program.run("snapshot", "show", "latest").output
        func anchors(_ text: String) -> [Substring] {
            text.split(separator: "\n").filter { $0.contains(": /") }
        }
        #expect(anchors(again) == anchors(show) && anchors(show).count == 3)
    }

    @Test("that are no JSON make no snapshot")
    func broken() throws {
        try program.write(String(first.dropLast(10)), "state.json")
        let run = try backup()
        #expect(run.status == 1)
        #expect(run.errors.contains("is no whole JSON: line 4"), "\(run.errors)")
        #expect(try program.run("backup", "json:" + program.path("none")).status == 1)
    }

    @Test("get one section back, and keep everything else")
    func section() throws {
        #expect(try backup().status == 0)
        let live = first.replacing("hello", with: "bye").replacing("[1, 2, 3]", with: "[ 4 ]")
        try program.write(live, "state.json")
        try File.openToRead(path).setMode(0o640)
        let words = ["restore", "latest:" + path, "--json-path", "/templates"]
        func run(_ more: String...) throws -> Program.Run {
            try program.runAlone(
                words + more + [
                    "-r", program.path("repository"), "--key-file", program.path("key"),
                ])
        }
        let trial = try run("-n")
        #expect(trial.status == 0)
        #expect(trial.output.contains("-  \"mail\": \"bye\"\n+  \"mail\": \"hello\"\n"))
        #expect(try program.contents("state.json") == live)
        let refused = try run()
        #expect(refused.status == 1 && refused.errors.contains("--yes"))
        #expect(try run("--yes").status == 0)
        #expect(
            try program.contents("state.json")
                == first.replacing("[1, 2, 3]", with: "[ 4 ]"))
        #expect(try File.status(of: path).mode == 0o640)
        #expect(try run("--yes").output.contains("is as in snapshot"))
        #expect(try program.entries("").filter { $0.hasPrefix(".varve") } == [])
    }

    @Test("that lack the section, or the file, say so")
    func missing() throws {
        #expect(try backup().status == 0)
        let run = try program.run("restore", "latest:" + path, "--json-path", "/none", "--yes")
        #expect(run.status == 1 && run.errors.contains("there is no /none"))
        let wrong = try program.run("restore", "latest:" + path, "--json-path", "none")
        #expect(wrong.status == 64)
        try File.remove(path)
        let gone = try program.run("restore", "latest:" + path, "--json-path", "/on", "--yes")
        #expect(gone.status == 1 && gone.errors.contains("No such file"))
    }
}
