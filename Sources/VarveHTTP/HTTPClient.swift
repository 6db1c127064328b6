import Synchronization
import VarveSystem

/// Bounds on what all connections of a process move.
public struct HTTPLimits: Sendable {
    public var upload: RateLimit?
    public var download: RateLimit?

    public init(upload: RateLimit? = nil, download: RateLimit? = nil) {
        self.upload = upload
        self.download = download
    }
}

/// How requests are made.
public struct HTTPOptions: Sendable {
    public var limits = HTTPLimits()
    /// A file of certificates in place of the system's.
    public var certificates: String?
    public var userAgent = "varve"
    public var connectMilliseconds = 15_000
    /// A connection that moves less than a byte a second for so long is cut.
    public var stallSeconds = 60

    public init() {}
}

/// Sends requests over a bounded number of connections, which stay open; every call blocks.
public final class HTTPClient: Sendable {
    private let options: HTTPOptions
    /// As many as there may still be requests at once.
    private let turns: BoundedQueue<Void>
    /// The one that was used last is used first, since it is the likeliest to be still open.
    private let idle = Mutex<[Connection]>([])

    public init(connections: Int, _ options: HTTPOptions = HTTPOptions()) {
        self.options = options
        turns = BoundedQueue(capacity: connections)
        for _ in 0..<connections { turns.put(()) }
    }

    /// The answer, whatever its status; `.tooLarge` when the body of a success has over `limit` bytes.
    public func send(_ request: HTTPRequest, limit: Int) throws(HTTPError) -> HTTPResponse {
        try send(request, .memory(limit: limit))
    }

    /// The answer, its body in `buffer` when it is a success.
    public func send(
        _ request: HTTPRequest, into buffer: UnsafeMutableRawBufferPointer
    ) throws(HTTPError) -> HTTPResponse {
        try send(request, .buffer(buffer))
    }

    private func send(
        _ request: HTTPRequest, _ sink: Transfer.Sink
    ) throws(HTTPError) -> HTTPResponse {
        _ = turns.take()
        defer { turns.put(()) }
        let connection = try take()
        // One that failed is given up: what it still holds is not worth knowing.
        let response = try connection.send(request, sink, options)
        idle.withLock { $0.append(connection) }
        return response
    }

    private func take() throws(HTTPError) -> Connection {
        if let connection = idle.withLock({ $0.popLast() }) { return connection }
        return try Connection()
    }
}
