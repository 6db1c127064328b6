import Synchronization
import TestSupport
import Testing
import VarveAWS
import VarveStorage
import VarveSystem

/// A storage in a bucket with a proxy before it, and the same storage without.
struct ProxiedBucket {
    let proxy: FaultProxy
    let pauses = NotedPauses()
    /// Through the proxy; it notes its pauses and does not make them.
    let storage: S3Storage
    /// What lies there, undisturbed.
    let quiet: S3Storage

    init(partBytes: Int? = nil) throws {
        let server = try #require(S3Server.current)
        let prefix = randomName()
        proxy = try FaultProxy(to: server.port)
        var options = S3Options()
        options.retry = pauses.policy
        if let partBytes { (options.multipartBytesMin, options.partBytes) = (partBytes, partBytes) }
        storage = try server.storage(prefix, options, through: proxy.port)
        quiet = try server.storage(prefix)
    }

    /// Lets this happen to one request, and nothing to the others.
    func disturb(_ number: Int, _ trouble: Trouble) {
        proxy.follow { $0.number == number ? trouble : .none }
    }
}

/// A storage in a bucket that exists only in what a plan answers.
struct ImaginedBucket {
    let proxy: FaultProxy
    let pauses = NotedPauses()
    let storage: S3Storage

    init(region: String? = nil, _ plan: @escaping FaultProxy.Plan) throws {
        proxy = try FaultProxy(to: 1, plan: plan)
        var options = S3Options()
        options.region = region
        options.retry = pauses.policy
        let location = S3Location(
            endpoint: AWSEndpoint(scheme: "http", host: "127.0.0.1:\(proxy.port)"),
            bucket: "imagined", prefix: "")
        let keys = [
            "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "a secret",
            "AWS_EC2_METADATA_DISABLED": "true",
        ]
        storage = S3Storage(
            location, options, environment: AWSEnvironment(keys), staging: "/dev/null")
    }
}
