import FoundationEssentials
import VarveSystem

/// What is kept of a file of secrets.
public struct SecretRecord: Codable, Sendable, Equatable {
    public var path: String
    public var format: SecretFormat
    /// Permission bits in octal.
    public var mode: String
    /// `user:group`.
    public var owner: String
    /// In their order, without values.
    public var names: [String]
}

/// Which secrets a recovery needs, by their names: the content of `/secrets/names.json`.
public struct SecretList: Codable, Sendable, Equatable {
    public var job: String
    public var files: [SecretRecord] = []
    /// Variables of the environment that the job is given.
    public var variables: [String] = []
    /// Files that open the repository.
    public var keys: [String] = []

    public static let directory = "secrets"
    public static let fileName = "names.json"
    public static let bytesMax = 4 << 20

    public init(job: String) { self.job = job }

    /// Whether there is nothing that a person who has opened the repository does not know.
    public var isEmpty: Bool {
        files.isEmpty && variables.allSatisfy(NeededVariables.repository.contains)
    }

    /// Readable text, the same for the same list.
    public func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    /// Nil for what is no such list.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.bytesMax,
            let list = try? JSONDecoder().decode(SecretList.self, from: Data(bytes))
        else { return nil }
        self = list
    }
}

/// One secret that a recovery needs.
public struct NeededSecret: Sendable, Equatable {
    public enum Place: Sendable, Equatable {
        case environment
        case file(String)
    }

    /// Nil for a file as a whole.
    public var name: String?
    public var place: Place
    /// Whether it is on this machine now.
    public var isPresent: Bool
}

extension SecretList {
    /// Every one, with whether it is present here. Files are read once each; what cannot be read has nothing.
    public func needed() -> [NeededSecret] {
        let variables = self.variables.map { name in
            NeededSecret(
                name: name, place: .environment,
                isPresent: !(Environment.value(name) ?? "").isEmpty)
        }
        let inFiles = files.flatMap { record -> [NeededSecret] in
            let file = SecretFile(path: record.path, format: record.format)
            let found = try? file.record()
            guard !record.names.isEmpty else {
                return [
                    NeededSecret(name: nil, place: .file(record.path), isPresent: found != nil)
                ]
            }
            let present = Set(found?.names ?? [])
            return record.names.map {
                NeededSecret(
                    name: $0, place: .file(record.path), isPresent: present.contains($0))
            }
        }
        let keys = self.keys.map { path in
            NeededSecret(
                name: nil, place: .file(path), isPresent: (try? File.status(of: path)) != nil)
        }
        return variables + inFiles + keys
    }
}
