import VarveSystem

/// `tools/varve-read`, which knows the format from its document alone.
struct PythonReader {
    /// The repository that these tests lie in.
    static let root = File.parent(of: File.parent(of: File.parent(of: #filePath)))

    var repository: String
    /// What opens it: `--key-file` or `--passphrase-file`, and the file.
    var key: [String]

    struct Refusal: Error, CustomStringConvertible {
        var description: String
    }

    /// What the reader prints; throws unless it ends well and has nothing to complain of.
    @discardableResult
    func callAsFunction(_ command: String..., fromPacks: Bool = false) throws -> String {
        let options = key + (fromPacks ? ["--from-packs"] : [])
        let reader = try ChildProcess(
            "/usr/bin/python3", [Self.root + "/tools/varve-read", repository] + options + command,
            errorOutput: .tail(bytes: 4 << 10))
        let output = try reader.output.contents(limit: 1 << 24)
        let end = try reader.wait()
        guard end.isSuccess, reader.errorText.isEmpty else {
            throw Refusal(description: "varve-read: \(end): \(reader.errorText)")
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The ids of the snapshots in the order of their commits.
    func snapshots() throws -> [String] {
        try self("list").split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
    }
}

extension PythonReader {
    /// Reads what lies in a scratch directory with its key file.
    init(_ scratch: Scratch) {
        self.init(repository: scratch.repository, key: ["--key-file", scratch.keyFile])
    }
}
