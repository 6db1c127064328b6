import Synchronization
public import VarveAWS
public import VarveStorage
import VarveSystem

/// The S3 server that the tests may use; see docs/TESTING.md.
public struct S3Server: Sendable {
    /// On this machine.
    public let port: Int
    public let keyID: String
    public let secret: String

    /// What `VARVE_TEST_S3` says: `http://127.0.0.1:PORT`.
    public static let current: S3Server? = {
        guard let url = Environment.value("VARVE_TEST_S3"),
            let port = url.split(separator: ":").last.flatMap({ Int($0) })
        else { return nil }
        return S3Server(
            port: port, keyID: Environment.value("VARVE_TEST_S3_KEY_ID") ?? "",
            secret: Environment.value("VARVE_TEST_S3_SECRET") ?? "")
    }()

    /// Whether there is one; tests that need it are skipped otherwise.
    public static var isThere: Bool { current != nil }

    /// Of this server's user.
    public var environment: AWSEnvironment {
        AWSEnvironment([
            "AWS_ACCESS_KEY_ID": keyID, "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_EC2_METADATA_DISABLED": "true",
        ])
    }

    /// The bucket that most tests share; each has a prefix of its own in it.
    public static let bucket = "varve-tests"

    /// The servers, by their ports, that have the bucket.
    private static let prepared = Mutex<Set<Int>>([])

    /// The first object in a bucket takes seconds with some servers.
    private func prepare() throws(StorageError) {
        try Self.prepared.withLock { (prepared) throws(StorageError) in
            if prepared.contains(port) { return }
            let storage = unprepared("warm-up", S3Options(), through: port)
            _ = try storage.makeBucket()
            try storage.put("first", [1])
            prepared.insert(port)
        }
    }

    private func unprepared(
        _ prefix: String, _ options: S3Options, through port: Int
    ) -> S3Storage {
        S3Storage(
            location(prefix, through: port), options, environment: environment,
            staging: Environment.value("TMPDIR") ?? "/tmp")
    }

    private func location(_ prefix: String, through port: Int) -> S3Location {
        S3Location(
            endpoint: AWSEndpoint(scheme: "http", host: "127.0.0.1:\(port)"), bucket: Self.bucket,
            prefix: prefix + "/")
    }

    /// An empty storage below a prefix, or what was put there before.
    public func storage(
        _ prefix: String? = nil, _ options: S3Options = S3Options(),
        through port: Int? = nil
    ) throws(StorageError) -> S3Storage {
        try prepare()
        return unprepared(prefix ?? randomName(), options, through: port ?? self.port)
    }
}

extension Storage {
    /// Puts what lies here into another storage, each object once.
    public func copyObjects(to other: any Storage) throws(StorageError) {
        for object in try list("") {
            try other.put(object.name, get(object.name, limit: object.bytes))
        }
    }
}

/// The pauses between attempts, which are noted in place of being made.
public final class NotedPauses: Sendable {
    private let noted = Mutex<[Int64]>([])

    public init() {}

    /// In nanoseconds, in order.
    public var all: [Int64] { noted.withLock { $0 } }

    /// The usual policy, without waiting.
    public var policy: RetryPolicy {
        var policy = RetryPolicy()
        policy.pause = { [self] nanoseconds in noted.withLock { $0.append(nanoseconds) } }
        return policy
    }
}
