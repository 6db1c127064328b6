public import VarveHTTP

/// Why a service did not do what it was asked, in one sentence.
public struct AWSError: Error, Sendable, Equatable {
    /// What the service calls it, such as `NoSuchKey`; its kind of trouble where there was no answer.
    public var code: String
    public var reason: String
    /// Nil without an answer.
    public var status: Int?
    /// Whether the same request may succeed a little later, or may even have been done.
    public var isTransient: Bool
    /// How long the service asks to wait, in seconds.
    public var retryAfterSeconds: Int?
    /// Where the service says that the request belongs.
    public var region: String?

    public init(code: String, reason: String, status: Int? = nil, isTransient: Bool = false) {
        self.code = code
        self.reason = reason
        self.status = status
        self.isTransient = isTransient
    }

    public init(_ error: HTTPError, host: String) {
        let reason =
            switch error.kind {
            case .unreachable: "\(host) cannot be reached: \(error.reason)"
            case .cut: "the connection to \(host) broke: \(error.reason)"
            case .untrusted: "\(host) cannot be trusted: \(error.reason)"
            case .tooLarge, .body, .interrupted, .library: error.reason
            }
        self.init(code: Self.code(error.kind), reason: reason, isTransient: error.isTransient)
    }

    /// Codes for what services have no code for.
    public static let tooLarge = "TooLarge"
    public static let untrusted = "Untrusted"
    public static let interrupted = "Interrupted"
    /// An answer that is no success, and says nothing more.
    public static let unexplained = "Unexplained"
    static let unreachable = "Unreachable"
    static let noCredentials = "NoCredentials"

    private static func code(_ kind: HTTPError.Kind) -> String {
        switch kind {
        case .unreachable: unreachable
        case .cut: "Cut"
        case .untrusted: untrusted
        case .tooLarge: tooLarge
        case .body: "Body"
        case .interrupted: interrupted
        case .library: "Library"
        }
    }

    /// Of an answer that is no success.
    init(_ response: HTTPResponse, host: String) {
        let answer = XMLElement(response.body)?.first("Error")
        let code = answer?["Code"] ?? Self.code(status: response.status)
        var said = answer?["Message"] ?? "it answered with status \(response.status)"
        if code == "RequestTimeTooSkewed", let time = answer?["ServerTime"] {
            said += ": the server's clock says \(time)"
        }
        self.init(
            code: code, reason: Self.shortened(said), status: response.status,
            isTransient: Self.isTransient(code, response.status))
        retryAfterSeconds = response.headers["retry-after"].flatMap { Int($0) }
        region = answer?["Region"] ?? response.headers["x-amz-bucket-region"]
    }

    private static let transientCodes: Set<String> = [
        "SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling",
        "ThrottlingException", "ConditionalRequestConflict", "OperationAborted", "ExpiredToken",
        "RequestLimitExceeded", "TooManyRequests",
    ]

    private static func isTransient(_ code: String, _ status: Int) -> Bool {
        // 501 and 505 say what the server never does.
        transientCodes.contains(code) || status == 408 || status == 429
            || status >= 500 && status != 501 && status != 505
    }

    /// For answers without a body, such as those to HEAD.
    private static func code(status: Int) -> String {
        switch status {
        case 301, 307: "PermanentRedirect"
        case 403: "AccessDenied"
        case 404: "NotFound"
        case 412: "PreconditionFailed"
        case 416: "InvalidRange"
        case 501: "NotImplemented"
        default: "Status\(status)"
        }
    }

    /// What a server says is shown to people, in one line.
    private static func shortened(_ text: String) -> String {
        let line = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
        return String(String(String.UnicodeScalarView(line)).prefix(300))
    }
}

extension AWSError: CustomStringConvertible {
    public var description: String { reason }
}
