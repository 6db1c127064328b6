public import VarveArchive
import VarveSystem

/// What a person names as a source: a path, or a URL whose scheme says what kind of source it is.
///
/// A path that looks like a URL begins with `./` or `/`.
public enum SourceWord: Sendable {
    /// A path of this machine, for `SnapshotSource.tree`.
    case path
    /// One tree, or several when the word stands for several databases.
    case trees([any VirtualTree])

    /// A kind of source that is no path.
    struct Scheme: Sendable {
        /// Whether it is named by the part of a word before its first colon, in lower case.
        var isNamed: @Sendable (_ scheme: String) -> Bool
        /// The sources that the whole word stands for; it may connect to find that out.
        var trees: @Sendable (_ word: String, SourceOptions) throws -> [any VirtualTree]
    }

    /// Every kind. A new one needs a line here, and a type that is a `VirtualTree`.
    private static let schemes = [
        Scheme(isNamed: PostgresURL.isScheme, trees: PostgresTree.trees),
        Scheme(isNamed: { $0 == JSONTree.scheme }, trees: JSONTree.trees),
        Scheme(isNamed: SQLiteTree.isScheme, trees: SQLiteTree.trees),
    ]

    /// Reads a word; throws `SourceWordError` for a scheme that is unknown, or a URL that makes no sense.
    public init(_ word: String, _ options: SourceOptions = SourceOptions()) throws {
        self = try Self.read(word, options)
    }

    /// The scheme of a word, in lower case, also `env`; nil for a path. Nothing is looked up. Throws
    /// `SourceWordError` for a scheme that is unknown.
    public static func scheme(of word: String) throws -> String? {
        guard let name = schemeName(word) else { return nil }
        if name == "env" || schemes.contains(where: { $0.isNamed(name) }) { return name }
        guard word.dropFirst(name.utf8.count).hasPrefix("://") else { return nil }
        throw SourceWordError.unknownScheme(name)
    }

    private static func read(_ word: String, _ options: SourceOptions) throws -> SourceWord {
        guard let name = try scheme(of: word) else { return .path }
        if name == "env" { return try read(variable: String(word.dropFirst(4)), options) }
        guard let scheme = schemes.first(where: { $0.isNamed(name) }) else { return .path }
        return .trees(try scheme.trees(word, options))
    }

    private static func read(
        variable: String, _ options: SourceOptions
    ) throws -> SourceWord {
        guard let value = Environment.value(variable), !value.isEmpty else {
            throw SourceWordError.unsetVariable(variable)
        }
        // What it holds may be a secret, and is never shown.
        guard let name = schemeName(value), name != "env",
            case .trees(let trees) = try read(value, options)
        else { throw SourceWordError.notURL(variable) }
        return .trees(trees)
    }

    /// What stands before the first colon, in lower case, when it can be a scheme.
    private static func schemeName(_ word: String) -> String? {
        let name = word.prefix { $0 != ":" }
        guard name.count < word.count, let first = name.first, first.isASCII, first.isLetter,
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+.-".contains($0)) })
        else { return nil }
        return name.lowercased()
    }
}

/// How sources that are no paths are read.
public struct SourceOptions: Sendable {
    /// Tables, or other parts, that are read at the same time.
    public var jobs = 2
    /// Whether roles and tablespaces, which belong to no database, are kept as well.
    public var globals = false
    /// Whether SQLite databases that are found among files are read as such.
    public var findsDatabases = true
    public var sqlite = SQLiteReadingOptions()

    /// What opens the databases that are found among files, if anything is to.
    public var opening: PinnedOpening? { findsDatabases ? sqlite.opening : nil }

    public init() {}
}

/// Why a word names no source.
public enum SourceWordError: Error, Sendable, Equatable {
    case unknownScheme(String)
    case unsetVariable(String)
    case notURL(String)
    case invalidURL(String, reason: String)
}

extension SourceWordError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownScheme(let name):
            "'\(name)://...' is no path, and no kind of source that Varve knows"
        case .unsetVariable(let name):
            "the variable \(name), which is to hold the URL of a source, is not set"
        case .notURL(let name): "the variable \(name) holds no URL of a source"
        case .invalidURL(let url, let reason): "\(url) is no source: \(reason)"
        }
    }
}
