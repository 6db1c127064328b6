public import VarveCrypto
import VarveFormat

/// Signature Version 4, as "Create a signed AWS API request" of the AWS documentation describes it.
public struct SignatureV4: Sendable {
    public var credentials: AWSCredentials
    public var region: String
    public var service: String

    public init(credentials: AWSCredentials, region: String, service: String) {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// What of a request is signed.
    public struct Request: Sendable {
        public var method: String
        /// With its port, where that is not the scheme's own.
        public var host: String
        /// Percent-encoded, as it is sent.
        public var path: String
        /// Not encoded yet.
        public var query: [(name: String, value: String)]
        /// All but `Host`, `X-Amz-Date` and `X-Amz-Security-Token`; each is signed.
        public var headers: [(name: String, value: String)]
        /// Lower-case hexadecimal digits.
        public var bodyHash: String

        public init(
            method: String, host: String, path: String,
            query: [(name: String, value: String)] = [],
            headers: [(name: String, value: String)] = [], bodyHash: String
        ) {
            self.method = method
            self.host = host
            self.path = path
            self.query = query
            self.headers = headers
            self.bodyHash = bodyHash
        }

        /// The query as it is sent and signed, in the order of its names.
        public var queryText: String {
            query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
                .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
                .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
        }
    }

    private static let algorithm = "AWS4-HMAC-SHA256"

    /// The request's headers and those that make it a signed one, at a time in nanoseconds since 1970.
    public func headers(
        for request: Request, at time: Int64
    ) throws(CryptoError) -> [(name: String, value: String)] {
        let date = AWSTime.basic(nanoseconds: time)
        var headers = request.headers
        headers.append(("X-Amz-Date", date))
        if let token = credentials.sessionToken { headers.append(("X-Amz-Security-Token", token)) }
        let signed = (headers + [("Host", request.host)])
            .map { (name: $0.name.lowercased(), value: Self.trimmed($0.value)) }
            .sorted { $0.name < $1.name }
        let names = signed.map(\.name).joined(separator: ";")
        let canonical =
            [request.method, request.path, request.queryText]
            + signed.map { "\($0.name):\($0.value)" } + ["", names, request.bodyHash]
        let scope = "\(date.prefix(8))/\(region)/\(service)/aws4_request"
        let hash = Hex.encode(SHA256.digest(Array(canonical.joined(separator: "\n").utf8)))
        let text = [Self.algorithm, date, scope, hash].joined(separator: "\n")
        let signature = Hex.encode(
            try Self.code(try key(day: String(date.prefix(8))), text))
        let authorization =
            "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope), "
            + "SignedHeaders=\(names), Signature=\(signature)"
        return headers + [("Authorization", authorization)]
    }

    /// The key of one day, region and service.
    func key(day: String) throws(CryptoError) -> [UInt8] {
        var key = Array("AWS4\(credentials.secretAccessKey)".utf8)
        for part in [day, region, service, "aws4_request"] { key = try Self.code(key, part) }
        return key
    }

    private static func code(_ key: [UInt8], _ text: String) throws(CryptoError) -> [UInt8] {
        try HMACSHA256.authenticate(key: SecretBytes(copying: key), Array(text.utf8))
    }

    /// Without spaces around it, and with single ones inside.
    private static func trimmed(_ value: String) -> String {
        value.split(separator: " ").joined(separator: " ")
    }
}
