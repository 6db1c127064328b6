import Testing
import VarveFormat

@testable import VarveAWS

/// The examples of the AWS documentation, "Signature Calculations for the Authorization Header" (S3)
/// and the suite of test vectors for Signature Version 4 (`get-vanilla` and what follows it).
@Suite("Signature Version 4")
struct SignatureTests {
    /// What an example of the S3 documentation signs, and what its signature is.
    struct Example: Sendable, CustomTestStringConvertible {
        var method = "GET"
        var path = "/"
        var query: [(name: String, value: String)] = []
        var headers: [(name: String, value: String)] = []
        var bodyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        var signature: String
        var testDescription: String { "\(method) \(path)" }
    }

    @Test(
        "signs the requests of the S3 documentation as it says",
        arguments: [
            Example(
                path: "/test.txt", headers: [("Range", "bytes=0-9")],
                signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
            Example(
                method: "PUT", path: "/" + PercentEncoding.encode("test$file.text"),
                headers: [
                    ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
                    ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ],
                bodyHash: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
            Example(
                query: [("lifecycle", "")],
                signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
            Example(
                query: [("prefix", "J"), ("max-keys", "2")],
                signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
        ])
    func simpleStorage(_ example: Example) throws {
        let signer = SignatureV4(
            credentials: AWSCredentials(
                accessKeyID: "AKIAIOSFODNN7EXAMPLE",
                secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1", service: "s3")
        let request = SignatureV4.Request(
            method: example.method, host: "examplebucket.s3.amazonaws.com", path: example.path,
            query: example.query,
            headers: example.headers + [("x-amz-content-sha256", example.bodyHash)],
            bodyHash: example.bodyHash)
        let time = try #require(AWSTime.nanoseconds("2013-05-24T00:00:00Z"))
        let headers = try signer.headers(for: request, at: time)
        let authorization = try #require(headers.last { $0.name == "Authorization" }?.value)
        #expect(
            authorization.hasPrefix(
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            ))
        #expect(authorization.hasSuffix("Signature=" + example.signature))
    }

    /// Of the suite: how the request differs from the plainest one, and its signature.
    struct Vector: Sendable, CustomTestStringConvertible {
        var name: String
        var method = "GET"
        var path = "/"
        var query: [(name: String, value: String)] = []
        var headers: [(name: String, value: String)] = []
        var signature: String
        var testDescription: String { name }
    }

    @Test(
        "signs the requests of the published vectors as they say",
        arguments: [
            Vector(
                name: "get-vanilla",
                signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            Vector(
                name: "get-vanilla-query-order-key-case",
                query: [("Param2", "value2"), ("Param1", "value1")],
                signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
            Vector(
                name: "post-vanilla", method: "POST",
                signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            Vector(
                name: "post-header-key-sort", method: "POST", headers: [("My-Header1", "value1")],
                signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
        ])
    func vectors(_ vector: Vector) throws {
        let signer = SignatureV4(
            credentials: AWSCredentials(
                accessKeyID: "AKIDEXAMPLE",
                secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1", service: "service")
        let request = SignatureV4.Request(
            method: vector.method, host: "example.amazonaws.com", path: vector.path,
            query: vector.query, headers: vector.headers,
            bodyHash: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let time = try #require(AWSTime.nanoseconds("2015-08-30T12:36:00Z"))
        let authorization = try signer.headers(for: request, at: time).last?.value
        #expect(authorization?.hasSuffix("Signature=" + vector.signature) == true)
    }

    @Test("derives the key of the documentation")
    func derivedKey() throws {
        let signer = SignatureV4(
            credentials: AWSCredentials(
                accessKeyID: "AKIDEXAMPLE",
                secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1", service: "iam")
        #expect(
            Hex.encode(try signer.key(day: "20150830"))
                == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
    }

    @Test("a session token is sent and signed")
    func sessionToken() throws {
        let signer = SignatureV4(
            credentials: AWSCredentials(
                accessKeyID: "A", secretAccessKey: "B", sessionToken: "the token"),
            region: "eu-west-1", service: "s3")
        let headers = try signer.headers(
            for: SignatureV4.Request(method: "GET", host: "h", path: "/", bodyHash: ""), at: 0)
        #expect(headers.contains { $0 == ("X-Amz-Security-Token", "the token") })
        #expect(
            headers.last?.value.contains("SignedHeaders=host;x-amz-date;x-amz-security-token")
                == true)
    }

    @Test("credentials print no secret")
    func secrecy() {
        let credentials = AWSCredentials(
            accessKeyID: "AKID", secretAccessKey: "hidden", sessionToken: "veiled")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(!text.contains("hidden") && !text.contains("veiled"))
        }
    }
}
