import Synchronization
import TestSupport
import Testing
import VarveHTTP
import VarveSystem

@testable import VarveAWS

@Suite("Credentials")
struct CredentialTests {
    private let nobody = "http://127.0.0.1:9"

    private func fetch(
        _ variables: [String: String], sts: AWSEndpoint? = nil
    ) throws -> AWSCredentials {
        var retry = RetryPolicy()
        retry.pause = { _ in }
        let environment = AWSEnvironment(variables)
        return try CredentialChain(
            environment: environment,
            services: CredentialServices(
                http: HTTPClient(connections: 1), region: "us-east-1", sts: sts, retry: retry)
        ).fetch()
    }

    private func reason(_ variables: [String: String]) -> String {
        do {
            return "found \(try fetch(variables))"
        } catch {
            return "\(error)"
        }
    }

    private func write(_ text: String, _ path: String) throws {
        try File.createOrTruncate(path).write(Array(text.utf8))
    }

    @Test("variables come before all else, and both belong together")
    func variables() throws {
        let keys = try fetch([
            "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token", "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere",
            "AWS_ROLE_ARN": "arn", "AWS_PROFILE": "none",
        ])
        #expect(
            keys
                == AWSCredentials(
                    accessKeyID: "id", secretAccessKey: "secret", sessionToken: "token"))
        #expect(reason(["AWS_ACCESS_KEY_ID": "id"]).contains("AWS_SECRET_ACCESS_KEY is not"))
        #expect(reason(["AWS_SECRET_ACCESS_KEY": "x"]).contains("AWS_ACCESS_KEY_ID is not"))
    }

    @Test("a profile has keys, or a program that prints them")
    func profile() throws {
        let scratch = try ScratchDirectory()
        let (credentials, config) = (scratch.path + "/credentials", scratch.path + "/config")
        try write(
            "[default]\naws_access_key_id = a\naws_secret_access_key = b\n", credentials)
        try write(
            """
            [profile tool]
            credential_process = printf '{"Version": 1, "AccessKeyId": "p", "SecretAccessKey": "q", \
            "SessionToken": "t", "Expiration": "2030-01-01T00:00:00Z"}'
            [profile broken]
            credential_process = echo no; echo why >&2; exit 3
            [profile half]
            aws_access_key_id = a
            [profile sso]
            sso_session = x
            [profile circle]
            role_arn = r
            source_profile = circle2
            [profile circle2]
            role_arn = r
            source_profile = circle
            """, config)
        let files = ["AWS_SHARED_CREDENTIALS_FILE": credentials, "AWS_CONFIG_FILE": config]
        #expect(try fetch(files) == AWSCredentials(accessKeyID: "a", secretAccessKey: "b"))
        let printed = try fetch(files.merging(["AWS_PROFILE": "tool"]) { $1 })
        #expect(printed.accessKeyID == "p" && printed.sessionToken == "t")
        #expect(printed.expiration == AWSTime.nanoseconds("2030-01-01T00:00:00Z"))
        let sentences = [
            "broken": "credential_process failed (exit status 3): why", "sso": "SSO",
            "half": "one of aws_access_key_id and aws_secret_access_key without the other",
            "circle": "in a circle", "absent": "no profile absent",
        ]
        for (name, sentence) in sentences {
            let said = reason(files.merging(["AWS_PROFILE": name]) { $1 })
            #expect(said.contains(sentence), "\(name): \(said)")
        }
        withExtendedLifetime(scratch) {}
    }

    @Test("without any, the sentence says how to give some")
    func none() {
        let said = reason(["HOME": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true"])
        #expect(said.contains("AWS_ACCESS_KEY_ID"))
        let unanswered = reason([
            "HOME": "/nowhere", "AWS_EC2_METADATA_SERVICE_ENDPOINT": nobody,
        ])
        #expect(unanswered.contains("AWS_ACCESS_KEY_ID"))
    }

    private static let keysInJSON =
        #"{"AccessKeyId": "i", "SecretAccessKey": "s", "Token": "t", "#
        + #""Expiration": "2030-01-01T00:00:00Z"}"#

    @Test("a machine's role gives keys, to a token of version 2 only")
    func instance() throws {
        let server = try AnsweringServer { request in
            switch request.line {
            case "PUT /latest/api/token": return "TOKEN"
            case "GET /latest/meta-data/iam/security-credentials/":
                return request.has("x-aws-ec2-metadata-token: TOKEN") ? "role\n" : nil
            case "GET /latest/meta-data/iam/security-credentials/role": return Self.keysInJSON
            default: return nil
            }
        }
        let keys = try fetch([
            "HOME": "/nowhere", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url + "/",
        ])
        #expect(keys.accessKeyID == "i" && keys.sessionToken == "t" && keys.expiration != nil)
    }

    @Test("a container's service gives keys, to the token that the container holds")
    func container() throws {
        let server = try AnsweringServer { request in
            request.line == "GET /keys" && request.has("authorization: Bearer x")
                ? Self.keysInJSON : nil
        }
        let variables = [
            "HOME": "/nowhere", "AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + "/keys",
        ]
        let token = ["AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer x"]
        #expect(try fetch(variables.merging(token) { $1 }).secretAccessKey == "s")
        #expect(reason(variables).contains("no credentials from the container"))
    }

    @Test("a web identity and a role of other keys are exchanged at STS")
    func roles() throws {
        let keys =
            "<R><Credentials><AccessKeyId>i</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            + "<SessionToken>t</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>"
            + "</Credentials></R>"
        let server = try AnsweringServer { request in
            if request.line == "POST /" { return keys }
            return request.line.contains("RoleArn=arn%3Arole")
                && request.headers.contains { $0.contains("Credential=base/") } ? keys : nil
        }
        let sts = AWSEndpoint(
            scheme: "http", host: String(server.url.dropFirst("http://".utf8.count)))
        let scratch = try ScratchDirectory()
        let (token, config) = (scratch.path + "/token", scratch.path + "/config")
        try write("the token\n", token)
        try write(
            "[profile role]\nrole_arn = arn:role\nsource_profile = base\n[profile base]\n"
                + "aws_access_key_id = base\naws_secret_access_key = x\n", config)
        let identity = ["AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:role"]
        #expect(try fetch(identity, sts: sts).sessionToken == "t")
        let role = try fetch(["AWS_CONFIG_FILE": config, "AWS_PROFILE": "role"], sts: sts)
        #expect(role.expiration == AWSTime.nanoseconds("2030-01-01T00:00:00Z"))
        withExtendedLifetime(scratch) {}
    }

    @Test("keys are fetched anew before they expire, once, and at once when refused")
    func renewal() throws {
        let count = Mutex(0)
        let soon = Clock.wallNanoseconds() + 60_000_000_000
        let provider = CredentialProvider { () throws(AWSError) in
            let number = count.withLock {
                $0 += 1
                return $0
            }
            // The second call fails: what is still valid must serve on.
            if number == 2 { throw AWSError(code: "x", reason: "not now") }
            return AWSCredentials(
                accessKeyID: "\(number)", secretAccessKey: "s",
                expiration: number == 1 ? soon : nil)
        }
        #expect(try provider.current().accessKeyID == "1")
        #expect(try provider.current().accessKeyID == "1")
        #expect(try provider.current().accessKeyID == "3")
        #expect(try provider.current().accessKeyID == "3")
        let refused = try provider.current()
        #expect(provider.renew(refused))
        #expect(try provider.current().accessKeyID == "4")
        // Somebody else was first.
        #expect(provider.renew(refused) && count.withLock { $0 } == 4)
        let fixed = CredentialProvider(AWSCredentials(accessKeyID: "a", secretAccessKey: "b"))
        #expect(!fixed.renew(try fixed.current()))
    }
}
