import TestSupport
import Testing
import VarveSystem

/// The built program, with a home directory, a repository and a key of its own.
final class Program {
    struct Run {
        var end: ProcessEnd
        var output: String
        var errors: String

        /// The exit status; nil after a signal.
        var status: Int32? {
            guard case .exited(let status) = end else { return nil }
            return status
        }
    }

    let scratch: ScratchDirectory
    /// Where the program is.
    let program: String

    init() throws {
        scratch = try ScratchDirectory()
        // The program is built beside the tests.
        let tests = try #require(CommandLine.arguments.first)
        program = File.parent(of: tests) + "/varve"
        _ = try File.status(of: program)
    }

    func path(_ name: String) -> String { scratch.path + "/" + name }

    private var environment: [String: String] {
        ["HOME": path("home"), "TZ": "UTC"].merging(
            ["DATA", "STATE", "CONFIG", "CACHE"].map { ("XDG_\($0)_HOME", "") }
        ) { $1 }
    }

    /// Starts the program with these arguments, and with nothing else.
    func start(_ words: [String], _ variables: [String: String] = [:]) throws -> ChildProcess {
        try ChildProcess(
            program, words, environment: environment.merging(variables) { $1 },
            errorOutput: .tail(bytes: 64 << 10))
    }

    /// Runs it on the repository `repository` with the key file `key`.
    @discardableResult
    func run(_ words: String..., key: String = "key") throws -> Run {
        try runAlone(words + ["-r", path("repository"), "--key-file", path(key)])
    }

    /// Runs it with these arguments, and with nothing else.
    func runAlone(_ words: [String], _ variables: [String: String] = [:]) throws -> Run {
        try Self.finish(start(words, variables))
    }

    /// Runs a shell command in which `$varve` is the program.
    func shell(_ command: String) throws -> Run {
        try shell(
            command, ["VARVE_REPOSITORY": path("repository"), "VARVE_KEY_FILE": path("key")])
    }

    /// Runs a shell command in which `$varve` is the program, with a home and nothing else.
    func shell(_ command: String, home: String) throws -> Run {
        try shell(command, ["HOME": home])
    }

    private func shell(_ command: String, _ variables: [String: String]) throws -> Run {
        return try Self.finish(
            ChildProcess(
                "sh", ["-c", command],
                environment: environment.merging(variables) { $1 }.merging(["varve": program]) {
                    $1
                },
                errorOutput: .tail(bytes: 64 << 10)))
    }

    static func finish(_ process: ChildProcess) throws -> Run {
        let output = try process.output.contents(limit: 16 << 20)
        let end = try process.wait()
        return Run(
            end: end, output: String(decoding: output, as: UTF8.self), errors: process.errorText)
    }

    func write(_ text: String, _ name: String) throws {
        let file = try File.createOrTruncate(path(name))
        try file.write(Array(text.utf8))
    }

    func contents(_ name: String) throws -> String {
        String(decoding: try File.contents(of: path(name), limit: 16 << 20), as: UTF8.self)
    }

    /// The names of what lies in a directory, but for hidden ones.
    func entries(_ name: String) throws -> [String] {
        try File.openDirectory(path(name)).entries()
            .map { String(decoding: $0.name, as: UTF8.self) }.filter { !$0.hasPrefix(".") }
    }
}
