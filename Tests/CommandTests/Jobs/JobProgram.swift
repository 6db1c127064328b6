import TestSupport
import Testing
import VarveSystem

/// The built program with a repository and a directory `app`, in which a file of jobs is.
struct JobProgram {
    let program: Program

    init() throws {
        program = try Program()
        try program.run("init")
        try File.makeDirectories(program.path("app/data"))
        try program.write("hello\n", "app/data/a")
    }

    /// Writes the file of jobs.
    func jobs(_ text: String) throws { try program.write(text, "app/varve.yaml") }

    private var environment: [String: String] {
        ["VARVE_REPOSITORY": program.path("repository"), "VARVE_KEY_FILE": program.path("key")]
    }

    func start(_ words: String..., with variables: [String: String] = [:]) throws -> ChildProcess {
        try program.start(
            ["run", "--config", program.path("app/varve.yaml")] + words,
            environment.merging(variables) { $1 })
    }

    /// Runs `varve run` on the file of jobs.
    func run(_ words: String..., with variables: [String: String] = [:]) throws -> Program.Run {
        try program.runAlone(
            ["run", "--config", program.path("app/varve.yaml")] + words,
            environment.merging(variables) { $1 })
    }

    /// Runs another command on the repository.
    func varve(_ words: String..., with variables: [String: String] = [:]) throws -> Program.Run {
        try program.runAlone(words, environment.merging(variables) { $1 })
    }

    /// The lines of a file that hooks write to.
    func lines(_ name: String) -> [String] {
        ((try? program.contents(name)) ?? "").split(separator: "\n").map(String.init)
    }

    /// How many snapshots there are.
    func snapshotCount() throws -> Int {
        try varve("snapshot", "list", "--json").output.ranges(of: "\"id\":\"").count
    }
}
