import VarveCrypto
import VarveFormat

/// Where this machine keeps what it knows of repositories.
public struct LocalDirectories: Sendable {
    /// Disposable: catalogs.
    public var cache: String
    /// What must survive a cleaning of caches: the last log record seen. Nil keeps none.
    public var state: String?

    public init(cache: String, state: String?) {
        self.cache = cache
        self.state = state
    }

    /// A file name for a storage's location.
    static func name(of location: String) -> String {
        Hex.encode(SHA256.digest(Array(location.utf8)).prefix(8))
    }
}
