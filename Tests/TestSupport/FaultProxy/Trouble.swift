/// A request as a proxy saw it.
public struct ProxiedRequest: Sendable {
    /// Counted from 1.
    public var number: Int
    public var method: String
    /// Path and query, as they were sent.
    public var target: String
    /// By their names in lower case.
    public var headers: [String: String]
    /// What became of it.
    public var trouble = Trouble.none
}

/// What a proxy does with a request.
public enum Trouble: Sendable, Equatable {
    case none
    case delay(nanoseconds: Int64)
    /// Bytes a second of bodies, in both directions.
    case throttle(bytesPerSecond: Int)
    /// It is answered so, and not passed on.
    case answer(status: Int, headers: [String: String] = [:], body: String)
    /// The connection ends before anything is passed on.
    case cutBefore
    /// Half of the request's body is passed on, then both connections end.
    case cutRequest
    /// The server does what it was asked, and the connection ends without an answer.
    case loseAnswer
    /// The connection ends in the middle of the answer's body, or behind its head when it has none.
    case cutAnswer
    /// Half of the answer's body comes, as if that was all of it.
    case shortenAnswer

    /// An error as S3 words it; `details` are more elements.
    public static func refusal(
        _ status: Int, _ code: String, _ message: String = "made to fail",
        headers: [String: String] = [:], details: String = ""
    ) -> Trouble {
        .answer(
            status: status, headers: headers,
            body: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>\(code)</Code>"
                + "<Message>\(message)</Message>\(details)</Error>")
    }

    /// What S3 says when it has too much to do.
    public static func slowDown(retryAfter seconds: Int) -> Trouble {
        refusal(503, "SlowDown", headers: ["Retry-After": "\(seconds)"])
    }

    public static let internalError = refusal(500, "InternalError")
}
