import FoundationEssentials

/// A text file of the repository.
struct SourceFile: Sendable {
    /// Relative to the root of the repository.
    let path: String
    let lines: [String]

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    var isSwift: Bool { path.hasSuffix(".swift") }
    var isMarkdown: Bool { path.hasSuffix(".md") }

    /// The places, as `path:line`, of the lines that satisfy a condition.
    func places(where isSought: (String) -> Bool) -> [String] {
        lines.indices.filter { isSought(lines[$0]) }.map { "\(path):\($0 + 1)" }
    }
}

/// The files of the repository that these tests lie in, without what builds leave there.
struct SourceTree: Sendable {
    static let current = Result { try SourceTree() }

    let root: String
    /// Every path, in byte order; directories are left out.
    let paths: [String]
    /// Every file that is UTF-8 text.
    let files: [SourceFile]
    /// The Swift files with comments and the contents of literals blanked, line by line.
    let code: [SourceFile]

    init() throws {
        root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        paths = try Self.paths(below: root).sorted()
        files = try paths.compactMap { [root] path in
            let bytes = try Data(contentsOf: URL(filePath: root + "/" + path))
            guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            return SourceFile(path: path, lines: lines.map(String.init))
        }
        code = files.filter(\.isSwift).map { file in
            SourceFile(path: file.path, lines: SwiftCode.blanked(file.lines))
        }
    }

    func file(_ path: String) -> SourceFile? { files.first { $0.path == path } }

    /// Hidden folders are those of git and of builds, save the one of the checks.
    private static func paths(below root: String, _ folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root + "/" + folder).flatMap { name in
            if name.hasPrefix(".") && name != ".ci" || name == "__pycache__" { return [String]() }
            let path = folder.isEmpty ? name : folder + "/" + name
            let kind = try FileManager.default.attributesOfItem(atPath: root + "/" + path)[.type]
            switch kind as? FileAttributeType {
            case .typeDirectory: return try paths(below: root, path)
            case .typeRegular: return [path]
            default: return []
            }
        }
    }
}
