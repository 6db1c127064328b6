public import VarveAWS
public import VarveHTTP

/// How a bucket is used.
public struct S3Options: Sendable {
    /// How a request names its bucket.
    public enum Style: String, Sendable, CaseIterable {
        /// As the server is known to want it.
        case auto
        /// First in the path.
        case path
        /// First in the host's name.
        case dns
    }

    /// Nil when nobody named one.
    public var region: String?
    public var style = Style.auto
    /// How many requests the caller should have under way at once.
    public var connections = 8
    /// Where the objects begin that get a storage class, and which.
    public var storageClass: (prefix: String, name: String)?
    /// `AES256` or `aws:kms`: how the server is to encrypt what it keeps.
    public var serverEncryption: String?
    /// The key for `aws:kms`; the account's own where nil.
    public var serverKey: String?
    /// Where roles are taken; AWS's own place where nil.
    public var sts: AWSEndpoint?
    public var http = HTTPOptions()
    public var retry = RetryPolicy()
    /// Files above this many bytes are sent in parts: no pack of 64 MiB, whose last frame may go beyond.
    public var multipartBytesMin = 96 << 20
    /// All but the last; at least 5 MiB, as S3 wants it.
    public var partBytes = 16 << 20

    public static let connectionsRange = 1...64

    public init() {}
}
