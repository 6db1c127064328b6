import TestSupport
import Testing
import VarveStorage
import VarveSystem

// Without VARVE_TEST_S3 there is no server: tools/test starts one.
@Suite("What commands say of a bucket", .enabled(if: S3Server.isThere))
struct BucketSentenceTests {
    private let varve: ProgramWithBucket

    init() throws { varve = try ProgramWithBucket(isEmpty: true) }

    /// One line, this status, and these words.
    private func expect(
        _ run: Program.Run, _ status: Int32, _ words: String,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(run.status == status, "\(run.errors)", sourceLocation: location)
        #expect(run.errors.contains(words), sourceLocation: location)
        #expect(run.errors.hasPrefix("varve: "), sourceLocation: location)
        #expect(run.errors.split(separator: "\n").count == 1, sourceLocation: location)
        let keys = ["varve-test-secret", "wrong-secret"]
        #expect(!keys.contains { run.errors.contains($0) }, sourceLocation: location)
    }

    @Test("a wrong secret, an unknown key, no key at all")
    func credentials() throws {
        let secret = try varve.run("snapshots", with: ["AWS_SECRET_ACCESS_KEY": "wrong-secret"])
        expect(secret, 1, "the secret access key is wrong")
        let key = try varve.run("snapshots", with: ["AWS_ACCESS_KEY_ID": "nobody"])
        expect(key, 1, "the access key ID is not known there")
        let none = try varve.run(
            "snapshots", with: ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""])
        expect(none, 1, "credentials")
    }

    @Test("what only services of Amazon say")
    func amazon() throws {
        let cases: [(Trouble, String)] = [
            (
                .refusal(400, "ExpiredToken", "The provided token has expired."),
                "the session token has expired or is not valid; get new credentials"
            ),
            (
                .refusal(
                    400, "AuthorizationHeaderMalformed", "the region 'us-east-1' is wrong",
                    details: "<Region>eu-west-1</Region>"),
                "the bucket lies in another region eu-west-1; set AWS_REGION"
            ),
            (
                .refusal(
                    403, "RequestTimeTooSkewed", "The difference is too large.",
                    details: "<ServerTime>2031-05-06T07:08:09Z</ServerTime>"),
                "this machine's clock and the server's differ too much; set the clock"
            ),
            (.refusal(403, "AccessDenied", "Access Denied"), "the credentials do not permit this"),
        ]
        let proxy = try FaultProxy(to: varve.server.port)
        for (trouble, words) in cases {
            proxy.follow { _ in trouble }
            let run = try varve.run(
                "snapshots", through: proxy.port, with: ["AWS_REGION": "us-east-1"])
            expect(run, 1, words)
        }
    }

    @Test("no network, no bucket, no repository")
    func nothingThere() throws {
        let proxy = try FaultProxy(to: varve.server.port)
        let port = proxy.port
        proxy.stop()
        expect(try varve.run("snapshots", through: port), 1, "cannot be reached")
        expect(try varve.run("init", through: port), 1, "cannot be reached")
        expect(
            try varve.run("snapshots", bucket: "no-such-" + varve.prefix.prefix(20)), 10,
            "there is no repository")
        expect(try varve.run("snapshots"), 10, "there is no repository")
        #expect(throws: SystemError.self) { try File.status(of: varve.program.path("key")) }
    }

    @Test("a server that does not speak TLS")
    func plain() throws {
        let place = "s3:https://127.0.0.1:\(varve.server.port)/bucket"
        let run = try varve.run("snapshots", with: ["VARVE_REPOSITORY": place])
        expect(run, 1, "cannot be reached with TLS")
        #expect(run.errors.contains("write http:// before it"))
    }

    @Test("what somebody may only read, he may read")
    func readerOnly() throws {
        let full = try ProgramWithBucket()
        let source = try full.makeSource("source", files: 1, bytes: 10_000)
        let proxy = try FaultProxy(to: full.server.port) {
            ["PUT", "DELETE"].contains($0.method) ? .refusal(403, "AccessDenied") : .none
        }
        try #require(try full.run("backup", source).status == 0)
        let list = try full.run("snapshots", through: proxy.port)
        #expect(list.status == 0 && list.output.contains("1 snapshot"), "\(list.errors)")
        expect(
            try full.run("backup", source, through: proxy.port), 1,
            "the credentials do not permit this")
        try full.expectWhole(source)
    }

    @Test("an init where something else lies changes nothing")
    func foreign() throws {
        try varve.storage.put("photos/2024.jpg", [1, 2, 3])
        expect(try varve.run("init"), 11, "is not empty (it holds photos/2024.jpg)")
        try expectNothingMade(but: ["photos/2024.jpg"])
    }

    @Test("an init that is refused leaves no key, no object and no bucket behind")
    func failedInit() throws {
        let proxy = try FaultProxy(to: varve.server.port)
        let bucket = "varve-" + String(varve.prefix.prefix(20))
        let isProbe: @Sendable (ProxiedRequest) -> Bool = {
            $0.method == "PUT" && $0.headers["if-none-match"] != nil
        }
        let cases: [(Trouble, Int32, String)] = [
            // A server that has never heard of the condition.
            (.answer(status: 200, body: ""), 11, "it cannot create a name only once"),
            (.refusal(501, "NotImplemented"), 11, "the server cannot do that"),
            (.refusal(403, "AccessDenied"), 1, "the credentials do not permit this"),
        ]
        for (trouble, status, words) in cases {
            proxy.follow { isProbe($0) ? trouble : .none }
            expect(try varve.run("init", through: proxy.port, bucket: bucket), status, words)
            #expect(proxy.troubles > 0)
            // Each run finds no bucket, makes it, and removes it as the last thing that it does.
            let made = proxy.history.filter { $0.target == "/" + bucket }.map(\.method)
            #expect(made == ["PUT", "DELETE"])
            #expect(proxy.history.last?.target == "/" + bucket)
            expect(try varve.run("snapshots", bucket: bucket), 10, "there is no repository")
            try expectNothingMade(but: [])
        }
    }

    @Test("an init that loses the network on the way leaves no key behind")
    func cutInit() throws {
        let proxy = try FaultProxy(to: varve.server.port)
        let hasProbed = Trouble.refusal(403, "AccessDenied")
        proxy.follow { request in request.number > 3 ? hasProbed : .none }
        expect(
            try varve.run("init", through: proxy.port), 1, "the credentials do not permit this")
        try expectNothingMade(but: [])
    }

    private func expectNothingMade(but names: [String]) throws {
        #expect(throws: SystemError.self) { try File.status(of: varve.program.path("key")) }
        #expect(try varve.storage.list("").map(\.name) == names)
    }
}
