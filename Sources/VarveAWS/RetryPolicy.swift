import VarveSystem

/// When a request that failed for the moment is made again.
///
/// Exponential backoff with jitter: all clients that met the same trouble come back at different
/// times.
public struct RetryPolicy: Sendable {
    public var attemptsMax = 10
    /// Before a service has answered anything, its address may be wrong.
    public var attemptsMaxUnanswered = 3
    /// Blocks for so many nanoseconds.
    public var pause: @Sendable (Int64) -> Void = { Clock.sleep(nanoseconds: $0) }

    private static let firstNanoseconds: Int64 = 100_000_000
    private static let longestNanoseconds: Int64 = 20_000_000_000
    private static let retryAfterSecondsMax = 60

    public init() {}

    /// Nanoseconds to wait after an attempt, counted from 1; nil when it was the last one.
    func delay(after attempt: Int, _ error: AWSError, hasAnswered: Bool) -> Int64? {
        let limit =
            error.code == AWSError.unreachable && !hasAnswered ? attemptsMaxUnanswered : attemptsMax
        guard error.isTransient, attempt < limit, !Interrupts.isRequested else { return nil }
        if let seconds = error.retryAfterSeconds, seconds > 0 {
            return Int64(min(seconds, Self.retryAfterSecondsMax)) * 1_000_000_000
        }
        let longest = min(Self.firstNanoseconds << min(attempt - 1, 20), Self.longestNanoseconds)
        return Int64.random(in: (longest / 2)...longest)
    }
}
