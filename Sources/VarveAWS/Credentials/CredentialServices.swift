import FoundationEssentials
import VarveHTTP
import VarveSystem

/// Services and programs that hand out credentials for a while.
struct CredentialServices: Sendable {
    private let http: HTTPClient
    /// For addresses that lead nowhere but on machines of a certain kind.
    private let nearby: HTTPClient
    private let sts: AWSEndpoint
    private let region: String
    private let retry: RetryPolicy

    /// What such an answer has at most, in bytes.
    private static let answerBytesMax = 256 << 10
    private static let attemptsMax = 3
    private static let session = "varve"

    /// STS listens at AWS's own place for the region unless told otherwise.
    init(http: HTTPClient, region: String, sts: AWSEndpoint?, retry: RetryPolicy) {
        self.http = http
        self.sts = sts ?? AWSEndpoint(service: "sts", region: region)
        self.region = region
        self.retry = retry
        var options = HTTPOptions()
        options.connectMilliseconds = 1_000
        options.stallSeconds = 5
        nearby = HTTPClient(connections: 1, options)
    }

    /// Exchanges the token in a file for a role's keys, at STS.
    func assume(
        _ role: String, tokenFile: String, session: String?
    ) throws(AWSError) -> AWSCredentials {
        let token: [UInt8]
        do throws(SystemError) {
            token = try File.contents(of: tokenFile, limit: Self.answerBytesMax)
        } catch {
            throw wrong("the web identity token: \(error)")
        }
        let text = String(decoding: token, as: UTF8.self).filter { !$0.isWhitespace }
        let query = [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"),
            ("RoleArn", role), ("RoleSessionName", session ?? Self.session),
            ("WebIdentityToken", text),
        ]
        let form = query.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        let answer = try fetch(
            HTTPRequest(
                .post, "\(sts.scheme)://\(sts.host)/",
                headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: .bytes(Array(form.utf8))), http, from: "STS")
        return try keys(inXML: answer.body, "AssumeRoleWithWebIdentity")
    }

    /// A role's keys for other keys, at STS.
    func assume(
        _ role: String, with keys: AWSCredentials, session: String?, externalID: String?
    ) throws(AWSError) -> AWSCredentials {
        let endpoint = sts
        let client = AWSClient(
            service: "sts", region: region, http: http, credentials: CredentialProvider(keys),
            retry: retry
        ) { _ in endpoint }
        var request = AWSClient.Request(.get, "/")
        request.query = [
            ("Action", "AssumeRole"), ("Version", "2011-06-15"), ("RoleArn", role),
            ("RoleSessionName", session ?? Self.session),
        ]
        if let externalID { request.query.append(("ExternalId", externalID)) }
        return try self.keys(
            inXML: client.send(request, limit: Self.answerBytesMax).body, "AssumeRole")
    }

    private func keys(inXML bytes: [UInt8], _ call: String) throws(AWSError) -> AWSCredentials {
        guard let answer = XMLElement(bytes)?.first("Credentials"),
            let id = answer["AccessKeyId"], let secret = answer["SecretAccessKey"]
        else { throw wrong("STS has no keys in its answer to \(call)") }
        return AWSCredentials(
            accessKeyID: id, secretAccessKey: secret, sessionToken: answer["SessionToken"],
            expiration: answer["Expiration"].flatMap(AWSTime.nanoseconds))
    }

    /// Those of the container that this process runs in; nil outside of one.
    func container(_ environment: AWSEnvironment) throws(AWSError) -> AWSCredentials? {
        let relative = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
        guard
            let url = relative.map({ "http://169.254.170.2\($0)" })
                ?? environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        else { return nil }
        var token = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        if let file = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
            do throws(SystemError) {
                let bytes = try File.contents(of: file, limit: Self.answerBytesMax)
                token = String(decoding: bytes, as: UTF8.self).filter { !$0.isNewline }
            } catch {
                throw wrong("the container's authorization token: \(error)")
            }
        }
        let headers = token.map { [(name: "Authorization", value: $0)] } ?? []
        let answer = try fetch(
            HTTPRequest(.get, url, headers: headers), nearby, from: "the container")
        return try keys(inJSON: answer.body, from: "the container")
    }

    /// Those of the machine's role, from its metadata service (version 2); nil where there is none.
    func instance(_ environment: AWSEnvironment) throws(AWSError) -> AWSCredentials? {
        let base =
            environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254"
        let root = (base.last == "/" ? String(base.dropLast()) : base) + "/latest/"
        let ask = HTTPRequest(
            .put, root + "api/token",
            headers: [("X-aws-ec2-metadata-token-ttl-seconds", "21600")])
        guard let answer = try? nearby.send(ask, limit: Self.answerBytesMax), answer.isSuccess
        else {
            // Anywhere but on such a machine, nobody answers.
            return nil
        }
        let token = [
            (name: "X-aws-ec2-metadata-token", value: String(decoding: answer.body, as: UTF8.self))
        ]
        let roles = root + "meta-data/iam/security-credentials/"
        let names = try fetch(
            HTTPRequest(.get, roles, headers: token), nearby, from: "the metadata service")
        guard
            let role = String(decoding: names.body, as: UTF8.self)
                .split(whereSeparator: \.isNewline).first
        else { throw wrong("the instance has no role") }
        let keys = try fetch(
            HTTPRequest(.get, roles + PercentEncoding.encode(String(role)), headers: token),
            nearby, from: "the metadata service")
        return try self.keys(inJSON: keys.body, from: "the metadata service")
    }

    /// Those that a program of the profile prints.
    func run(_ command: String) throws(AWSError) -> AWSCredentials {
        do {
            let child = try ChildProcess(
                "/bin/sh", ["-c", command], errorOutput: .tail(bytes: 200))
            let output = try child.output.contents(limit: Self.answerBytesMax)
            let end = try child.wait()
            guard end.isSuccess else {
                throw wrong("credential_process failed (\(end)): \(child.errorText)")
            }
            return try keys(inJSON: output, from: "credential_process")
        } catch let error as AWSError {
            throw error
        } catch {
            throw wrong("credential_process: \(error)")
        }
    }

    private struct KeysInJSON: Decodable {
        var id: String
        var secret: String
        var token: String?
        var sessionToken: String?
        var expiration: String?

        enum CodingKeys: String, CodingKey {
            case id = "AccessKeyId"
            case secret = "SecretAccessKey"
            case token = "Token"
            case sessionToken = "SessionToken"
            case expiration = "Expiration"
        }
    }

    private func keys(
        inJSON bytes: [UInt8], from source: String
    ) throws(AWSError) -> AWSCredentials {
        guard let keys = try? JSONDecoder().decode(KeysInJSON.self, from: Data(bytes)) else {
            throw wrong("\(source) has no keys in its answer")
        }
        return AWSCredentials(
            accessKeyID: keys.id, secretAccessKey: keys.secret,
            sessionToken: keys.token ?? keys.sessionToken,
            expiration: keys.expiration.flatMap(AWSTime.nanoseconds))
    }

    /// The answer to a request that carries no signature.
    private func fetch(
        _ request: HTTPRequest, _ client: HTTPClient, from source: String
    ) throws(AWSError) -> HTTPResponse {
        var attempt = 1
        while true {
            let error: AWSError
            do throws(HTTPError) {
                let response = try client.send(request, limit: Self.answerBytesMax)
                if response.isSuccess { return response }
                error = AWSError(response, host: source)
            } catch let failure {
                error = AWSError(failure, host: source)
            }
            guard error.isTransient, attempt < Self.attemptsMax else {
                throw wrong("no credentials from \(source): \(error)")
            }
            retry.pause(Int64(attempt) * 500_000_000)
            attempt += 1
        }
    }

    private func wrong(_ reason: String) -> AWSError {
        AWSError(code: AWSError.noCredentials, reason: reason)
    }
}
