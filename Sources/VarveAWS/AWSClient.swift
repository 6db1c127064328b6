import Synchronization
import VarveCrypto
import VarveFormat
public import VarveHTTP
import VarveSystem

/// Where a service listens.
public struct AWSEndpoint: Sendable, Equatable {
    /// `http` or `https`.
    public var scheme: String
    /// With its port, where that is not the scheme's own.
    public var host: String

    public init(scheme: String, host: String) {
        self.scheme = scheme
        self.host = host
    }

    /// Where AWS itself offers a service in a region.
    public init(service: String, region: String) {
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        self.init(scheme: "https", host: "\(service).\(region).\(domain)")
    }
}

/// Sends signed requests to one service, again when it makes sense.
public final class AWSClient: Sendable {
    public struct Request: Sendable {
        public var method: HTTPRequest.Method
        /// Percent-encoded.
        public var path: String
        public var query: [(name: String, value: String)] = []
        /// Each is signed.
        public var headers: [(name: String, value: String)] = []
        public var body: HTTPRequest.Body = .none
        /// The SHA-256 of the body; computed where nil.
        public var bodyHash: [UInt8]?

        public init(_ method: HTTPRequest.Method, _ path: String) {
            self.method = method
            self.path = path
        }
    }

    public let retry: RetryPolicy
    private let service: String
    private let endpoint: @Sendable (_ region: String) -> AWSEndpoint
    private let http: HTTPClient
    private let credentials: CredentialProvider
    private let state: Mutex<State>

    private struct State {
        var region: String
        /// Whether the region is only assumed, so that the service may correct it.
        var isAssumed: Bool
        var hasAnswered = false
    }

    /// Without a region, `us-east-1` is assumed until the service names another one.
    public init(
        service: String, region: String?, http: HTTPClient, credentials: CredentialProvider,
        retry: RetryPolicy = RetryPolicy(),
        endpoint: @escaping @Sendable (_ region: String) -> AWSEndpoint
    ) {
        self.service = service
        self.endpoint = endpoint
        self.http = http
        self.credentials = credentials
        self.retry = retry
        state = Mutex(State(region: region ?? "us-east-1", isAssumed: region == nil))
    }

    /// The region that requests are signed for.
    public var region: String { state.withLock { $0.region } }

    /// Makes a request until it succeeds or fails for good; the body of the answer has at most `limit`
    /// bytes.
    public func send(_ request: Request, limit: Int = 1 << 20) throws(AWSError) -> HTTPResponse {
        try retrying { () throws(AWSError) in try attempt(request, limit: limit) }
    }

    /// The same with the body of a success in `buffer`.
    public func send(
        _ request: Request, into buffer: UnsafeMutableRawBufferPointer
    ) throws(AWSError) -> HTTPResponse {
        try retrying { () throws(AWSError) in
            try attempt(request) { (signed) throws(HTTPError) in
                try http.send(signed, into: buffer)
            }
        }
    }

    /// Makes a request once.
    public func attempt(_ request: Request, limit: Int) throws(AWSError) -> HTTPResponse {
        try attempt(request) { (signed) throws(HTTPError) in try http.send(signed, limit: limit) }
    }

    /// Runs `body` until it succeeds, or fails with what will not pass.
    public func retrying<Answer>(
        _ body: () throws(AWSError) -> Answer
    ) throws(AWSError) -> Answer {
        var attempt = 1
        while true {
            do throws(AWSError) {
                return try body()
            } catch {
                if error.isMisdirected { continue }
                let hasAnswered = state.withLock { $0.hasAnswered }
                guard let delay = retry.delay(after: attempt, error, hasAnswered: hasAnswered)
                else { throw error }
                retry.pause(delay)
                attempt += 1
            }
        }
    }

    /// Whether a request that was signed for `region`, which was only assumed, is to be signed for the
    /// one that the service named: several may find that out at once.
    func corrects(_ region: String, to named: String?) -> Bool {
        guard let named, !named.isEmpty, named != region else { return false }
        return state.withLock { state in
            if state.isAssumed { (state.region, state.isAssumed) = (named, false) }
            return state.region == named
        }
    }

    private func attempt(
        _ request: Request, _ send: (HTTPRequest) throws(HTTPError) -> HTTPResponse
    ) throws(AWSError) -> HTTPResponse {
        let region = region
        let endpoint = endpoint(region)
        let used = try credentials.current()
        let signed = try sign(request, endpoint, region, used)
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try send(signed)
        } catch {
            throw AWSError(error, host: endpoint.host)
        }
        state.withLock { $0.hasAnswered = true }
        if response.isSuccess { return response }
        var error = AWSError(response, host: endpoint.host)
        error.isMisdirected = corrects(region, to: error.region)
        // The same keys again would only expire again.
        if error.code == "ExpiredToken" { error.isTransient = credentials.renew(used) }
        throw error
    }

    private func sign(
        _ request: Request, _ endpoint: AWSEndpoint, _ region: String,
        _ credentials: AWSCredentials
    ) throws(AWSError) -> HTTPRequest {
        let hash = Hex.encode(request.bodyHash ?? Self.hash(request.body))
        var signed = SignatureV4.Request(
            method: request.method.rawValue, host: endpoint.host, path: request.path,
            query: request.query, headers: request.headers, bodyHash: hash)
        signed.headers.append(("X-Amz-Content-Sha256", hash))
        let signer = SignatureV4(
            credentials: credentials, region: region, service: service)
        let query = signed.queryText
        let url = "\(endpoint.scheme)://\(endpoint.host)\(request.path)"
        do {
            return HTTPRequest(
                request.method, query.isEmpty ? url : url + "?" + query,
                headers: try signer.headers(for: signed, at: Clock.wallNanoseconds()),
                body: request.body)
        } catch {
            throw AWSError(code: "Signature", reason: "a request cannot be signed: \(error)")
        }
    }

    private static func hash(_ body: HTTPRequest.Body) -> [UInt8] {
        switch body {
        case .none: return SHA256.digest([])
        case .bytes(let bytes): return SHA256.digest(bytes)
        case .file: preconditionFailure("the hash of a file is given")
        }
    }
}
