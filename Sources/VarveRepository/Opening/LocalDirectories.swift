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
}
