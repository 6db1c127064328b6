import VarveSystem

/// A server that a script of `tools/testbeds` runs; it ends with its last reference.
public final class Testbed: Sendable {
    /// Where it answers.
    public let server: S3Server
    /// Its processes, in the order in which the script prints them.
    public let processes: [Int32]
    private let script: String
    private let scratch: ScratchDirectory

    /// The root of the repository.
    private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") {
        $0 + "/" + $1
    }

    /// Whether a script has brought its program here; `tools/test` lets those that are needed do so.
    public static func isInstalled(_ name: String) -> Bool {
        guard let installed = try? File.openDirectory(root + "/.build-testbeds").entries() else {
            return false
        }
        return installed.contains { $0.name.starts(with: Array("\(name)-".utf8)) }
    }

    /// Where the script of a testbed is.
    public static func script(_ name: String) -> String { root + "/tools/testbeds/" + name }

    public init(_ name: String, _ options: [String] = []) throws {
        scratch = try ScratchDirectory()
        script = Self.script(name)
        let process = try ChildProcess(script, [scratch.path] + options)
        let output = try process.output.contents(limit: 1 << 16)
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        guard try process.wait().isSuccess,
            let port = lines.first?.split(separator: ":").last.flatMap({ Int($0) })
        else { throw Overdue(description: "\(name) did not start") }
        server = S3Server(port: port, keyID: "varvetest", secret: "varve-test-secret")
        processes = lines.dropFirst().compactMap { Int32($0) }
    }

    deinit { _ = try? ChildProcess(script, ["--stop", scratch.path]).wait() }
}
