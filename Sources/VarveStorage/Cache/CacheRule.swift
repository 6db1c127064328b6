/// How an object is kept on this machine.
public struct CacheRule: Sendable {
    /// What is bounded together: many small reads of metadata must not be driven out by data.
    public enum Share: String, Sendable, CaseIterable { case metadata, data }

    /// When an object comes to be kept.
    public struct Moment: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// When it is read for the first time: it is fetched whole.
        public static let read = Moment(rawValue: 1)
        /// When this machine puts it.
        public static let put = Moment(rawValue: 2)
    }

    public var share: Share
    public var moments: Moment
    /// The SHA-256 of its bytes; nil when its name does not say that, and only who reads it may know.
    public var digest: [UInt8]?

    public init(_ share: Share, kept moments: Moment, digest: [UInt8]?) {
        (self.share, self.moments, self.digest) = (share, moments, digest)
    }
}

/// How an object of some name is kept; nil for one that always comes from the storage.
public typealias CachePolicy = @Sendable (_ name: String) -> CacheRule?

/// Every bound of a cache, in bytes.
public struct CacheLimits: Sendable {
    public var metadataBytes = 1 << 30
    public var dataBytes = 4 << 30
    /// One in so many bytes that are free, or taken by the cache itself, is the most that a share takes.
    public var freeShare = 10
    /// Longer objects are not kept: they are fetched through memory.
    public var objectBytes = 96 << 20

    public init() {}

    func bytes(of share: CacheRule.Share) -> Int { share == .data ? dataBytes : metadataBytes }
}
