/// What is sent to a server.
public struct HTTPRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    /// What a request carries.
    public enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Bytes of a file that the caller keeps open until the answer is there.
        case file(descriptor: Int32, offset: Int, bytes: Int)

        var byteCount: Int {
            switch self {
            case .none: 0
            case .bytes(let bytes): bytes.count
            case .file(_, _, let bytes): bytes
            }
        }
    }

    public var method: Method
    /// Everything in it is percent-encoded already.
    public var url: String
    public var headers: [(name: String, value: String)]
    public var body: Body

    public init(
        _ method: Method, _ url: String, headers: [(name: String, value: String)] = [],
        body: Body = .none
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// What a server answered.
public struct HTTPResponse: Sendable {
    public var status: Int
    /// By their names in lower case.
    public var headers: [String: String]
    /// The body; that of a success went to the caller's buffer where one was given.
    public var body: [UInt8]
    /// Of the body of a success, wherever it went.
    public var byteCount: Int

    public init(status: Int, headers: [String: String], body: [UInt8], byteCount: Int) {
        self.status = status
        self.headers = headers
        self.body = body
        self.byteCount = byteCount
    }

    public var isSuccess: Bool { (200..<300).contains(status) }
}
