import Testing
import VarveHTTP

@testable import VarveAWS

@Suite("Retries")
struct RetryTests {
    private func answer(
        _ status: Int, _ body: String = "", _ headers: [String: String] = [:]
    ) -> AWSError {
        AWSError(
            HTTPResponse(status: status, headers: headers, body: Array(body.utf8), byteCount: 0),
            host: "h")
    }

    @Test("waits about twice as long each time, never longer than the limit, and ends")
    func growth() {
        let policy = RetryPolicy()
        let error = answer(503)
        for attempt in 1..<policy.attemptsMax {
            let longest = min(100_000_000 << Int64(attempt - 1), 20_000_000_000)
            let delay = policy.delay(after: attempt, error, hasAnswered: true)
            #expect(delay.map { $0 >= longest / 2 && $0 <= longest } == true)
        }
        #expect(policy.delay(after: policy.attemptsMax, error, hasAnswered: true) == nil)
    }

    @Test("does what Retry-After asks for, up to a minute")
    func retryAfter() {
        let policy = RetryPolicy()
        let soon = answer(503, "", ["retry-after": "7"])
        #expect(policy.delay(after: 1, soon, hasAnswered: true) == 7_000_000_000)
        let late = answer(429, "", ["retry-after": "86400"])
        #expect(policy.delay(after: 1, late, hasAnswered: true) == 60_000_000_000)
        // A date is meant by the clock of whoever says it.
        let dated = answer(
            503, "",
            [
                "retry-after": "Thu, 01 Jan 1970 00:01:05 GMT",
                "date": "Thu, 01 Jan 1970 00:00:58 GMT",
            ])
        #expect(policy.delay(after: 1, dated, hasAnswered: true) == 7_000_000_000)
    }

    @Test("an address that has never answered is given up sooner")
    func unreachable() {
        let policy = RetryPolicy()
        let error = AWSError(HTTPError(.unreachable, "nobody"), host: "h")
        #expect(policy.delay(after: 3, error, hasAnswered: false) == nil)
        #expect(policy.delay(after: 3, error, hasAnswered: true) != nil)
    }

    @Test(
        "knows what will pass",
        arguments: [
            (500, "InternalError", true), (503, "SlowDown", true), (400, "RequestTimeout", true),
            (409, "ConditionalRequestConflict", true), (429, "", true), (501, "", false),
            (403, "AccessDenied", false), (404, "NoSuchKey", false),
            (412, "PreconditionFailed", false), (400, "BadDigest", false),
        ])
    func transience(_ status: Int, _ code: String, _ passes: Bool) {
        let error = answer(status, "<Error><Code>\(code)</Code><Message>m</Message></Error>")
        #expect(error.isTransient == passes)
    }

    @Test("a region that was assumed is put right for all who were told so, and once")
    func regions() {
        func client(_ region: String?) -> AWSClient {
            AWSClient(
                service: "s3", region: region, http: HTTPClient(connections: 1),
                credentials: CredentialProvider(
                    AWSCredentials(accessKeyID: "a", secretAccessKey: "b"))
            ) { AWSEndpoint(service: "s3", region: $0) }
        }
        let assuming = client(nil)
        // Both were under way when the first of them was answered.
        for _ in 0..<2 { #expect(assuming.corrects("us-east-1", to: "eu-west-1")) }
        #expect(assuming.region == "eu-west-1")
        #expect(!assuming.corrects("eu-west-1", to: "eu-west-1"))
        #expect(!assuming.corrects("eu-west-1", to: "us-east-1"))
        #expect(!assuming.corrects("eu-west-1", to: nil))
        let told = client("us-east-1")
        #expect(!told.corrects("us-east-1", to: "eu-west-1") && told.region == "us-east-1")
    }

    @Test("what a server says becomes one line of bounded length")
    func complaints() {
        let long = String(repeating: "x", count: 10_000)
        let error = answer(400, "<Error><Code>C</Code><Message>a\nb\u{1b}\(long)</Message></Error>")
        #expect(error.reason.count == 300 && error.reason.hasPrefix("a b x"))
        #expect(answer(404).code == "NotFound")
        let elsewhere = answer(301, "", ["location": "https://h/"])
        #expect(elsewhere.code == AWSError.unexplained)
        #expect(elsewhere.reason == "it answered with status 301, which leads to https://h/")
        #expect(answer(301, "", ["x-amz-bucket-region": "r"]).code == "PermanentRedirect")
    }
}
