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
    /// Whether the next request goes there.
    var isMisdirected = false

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
            case .handshake:
                "\(host) cannot be reached with TLS: \(error.reason); where it speaks plain HTTP, write "
                    + "http:// before it"
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
        case .unreachable, .handshake: unreachable
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
        let region = answer?["Region"] ?? response.headers["x-amz-bucket-region"]
        let code = answer?["Code"] ?? Self.code(status: response.status, region: region)
        var said = answer?["Message"] ?? "it answered with status \(response.status)"
        if code == Self.unexplained, let place = response.headers["location"] {
            said += ", which leads to \(place)"
        }
        if code == "RequestTimeTooSkewed", let time = answer?["ServerTime"] {
            said += ": the server's clock says \(time)"
        }
        self.init(
            code: code, reason: Self.shortened(said), status: response.status,
            isTransient: Self.isTransient(code, response.status))
        retryAfterSeconds = Self.retryAfterSeconds(response.headers)
        self.region = region
    }

    /// A number of seconds, or the time until a date by the server's clock, which need not be this
    /// machine's.
    private static func retryAfterSeconds(_ headers: [String: String]) -> Int? {
        guard let text = headers["retry-after"] else { return nil }
        if let seconds = Int(text) { return seconds }
        guard let end = AWSTime.seconds(ofDate: text),
            let now = headers["date"].flatMap(AWSTime.seconds(ofDate:))
        else { return nil }
        return end - now
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
    private static func code(status: Int, region: String?) -> String {
        switch status {
        case 301 where region != nil, 307 where region != nil: "PermanentRedirect"
        case 403: "AccessDenied"
        case 404: "NotFound"
        case 412: "PreconditionFailed"
        case 416: "InvalidRange"
        case 501: "NotImplemented"
        default: unexplained
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
