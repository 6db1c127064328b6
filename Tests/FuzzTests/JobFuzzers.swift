import TestSupport

@testable import VarveJobs

extension Fuzzer {
    /// Files that people write.
    static let jobs = [
        Fuzzer(
            "file of jobs", errors: [JobFileError.self], sample: { $0.jobFile() }, bytesPerItem: 8,
            decode: { bytes in
                try JobFile(bytes, at: "/f/varve.yaml", called: "f", home: "/h").jobs
                    .flatMap(\.sources)
            }),
        Fuzzer(
            "settings in YAML", errors: [Mistake.self], sample: { $0.jobFile() }, bytesPerItem: 1,
            decode: { bytes in
                try YAMLReading.node(of: bytes).map { node in
                    if case .mapping(let entries) = node.content { return entries.map(\.key) }
                    return []
                }
            }),
        names("variables", .env, { $0.variables() }),
        names("settings", .ini, { $0.settings() }),
        names("secrets in YAML", .yaml, { $0.jobFile() }),
    ]

    private static func names(
        _ name: String, _ format: SecretFormat,
        _ sample: @escaping @Sendable (inout SeededNumbers) throws -> [UInt8]
    ) -> Fuzzer {
        Fuzzer(
            "names of " + name, errors: [SecretFailure.self], sample: sample, bytesPerItem: 1,
            decode: { try SecretNames.read($0, format) })
    }
}

extension SeededNumbers {
    /// Valid, with what mutations make interesting.
    fileprivate mutating func jobFile() -> [UInt8] {
        let lines = [
            "    exclude: ['*.tmp', \"!a\"]", "    exclude_caches: true", "    host: no",
            "    hooks: {before: [[a, b], c d], timeout: 3m}", "    retention: {keep_last: 3}",
            "    secrets:\n    - .env\n    - {file: a, format: ini}", "    # &a *b",
            "    description: |\n      some\n      text", "    compression: 7",
            "    tags: a # &b [",
        ]
        var text = "jobs:\n"
        for number in 0...below(4) {
            text += "  job\(number):\n    sources: [/a, 'env:B', {command: x, name: y\(number)}]\n"
            for line in lines where flag() { text += line + "\n" }
        }
        return Array(text.utf8)
    }

    fileprivate mutating func variables() -> [UInt8] {
        let lines = [
            "A=1", "export B='x y'", "C=\"a\nb\"", "# d", "", "E=`x`", "F=a\\\nx", "G.h-i=",
        ]
        return Array(list(0...8) { $0.element(lines) }.joined(separator: "\n").utf8)
    }

    fileprivate mutating func settings() -> [UInt8] {
        let lines = ["[a]", "b = c", "d: e\n  f", "; g", "h=\\\nx", "[i \"j\"]", ""]
        return Array(list(0...8) { $0.element(lines) }.joined(separator: "\n").utf8)
    }
}
