import VarveSystem

/// How names are written in a file of secrets.
public enum SecretFormat: String, Sendable, CaseIterable, Codable {
    case env, json, yaml, ini
    /// Nothing is read of it.
    case file

    /// What a file's name says.
    init(fileName name: String) {
        let name = name.lowercased()
        let ending = name.split(separator: ".", omittingEmptySubsequences: false).last ?? ""
        switch ending {
        case _ where name == ".env" || name.hasPrefix(".env.") || ending == "env": self = .env
        case "json": self = .json
        case "yaml", "yml": self = .yaml
        case "ini", "cfg", "conf", "properties": self = .ini
        default: self = .file
        }
    }
}

/// A file of secrets, of which only the names are kept.
public struct SecretFile: Sendable, Equatable {
    /// Absolute.
    public var path: String
    public var format: SecretFormat

    static let bytesMax = 1 << 20

    public init(path: String, format: SecretFormat? = nil) {
        self.path = path
        let name = path.split(separator: "/").last.map(String.init) ?? path
        self.format = format ?? SecretFormat(fileName: name)
    }

    /// What is kept of the file as it is now.
    public func record() throws -> SecretRecord {
        let file = try File.openToRead(path)
        let status = try file.status()
        guard status.kind == .regular else { throw SecretFailure(line: nil, "it is no file") }
        let names =
            format == .file
            ? [] : try SecretNames.read(file.contents(limit: Self.bytesMax), format)
        let mode = String(status.mode, radix: 8)
        let owner = Accounts.userName(status.uid) ?? "\(status.uid)"
        let group = Accounts.groupName(status.gid) ?? "\(status.gid)"
        return SecretRecord(
            path: path, format: format,
            mode: String(repeating: "0", count: max(0, 4 - mode.count)) + mode,
            owner: "\(owner):\(group)", names: names)
    }
}

/// Why no names are taken from a file: without anything that stands in it.
struct SecretFailure: Error, Equatable, CustomStringConvertible {
    var line: Int?
    var reason: String

    init(line: Int?, _ reason: String) {
        self.line = line
        self.reason = reason
    }

    var description: String { (line.map { "line \($0): " } ?? "") + reason }
}
