import Testing
import VarveAWS
import VarveHTTP

@testable import VarveStorage

@Suite("Locations of buckets")
struct S3LocationTests {
    private let other = AWSEndpoint(scheme: "http", host: "127.0.0.1:8333")

    @Test(
        "are written as restic writes them, or without an endpoint",
        arguments: [
            ("s3://bucket", "s3://bucket", "https://bucket.s3.eu-west-1.amazonaws.com/x"),
            (
                "s3://bucket/a/b/", "s3://bucket/a/b",
                "https://bucket.s3.eu-west-1.amazonaws.com/a/b/x"
            ),
            (
                "s3:https://S3.example.org:443/bucket/a", "s3:https://s3.example.org/bucket/a",
                "https://s3.example.org/bucket/a/x"
            ),
            (
                "s3:http://127.0.0.1:8333/bucket", "s3:http://127.0.0.1:8333/bucket",
                "http://127.0.0.1:8333/bucket/x"
            ),
            (
                "s3:s3.example.org/bucket//a", "s3:https://s3.example.org/bucket/a",
                "https://s3.example.org/bucket/a/x"
            ),
            (
                "s3:s3.amazonaws.com/bucket", "s3://bucket",
                "https://bucket.s3.eu-west-1.amazonaws.com/x"
            ),
            (
                "s3://with.dots/a", "s3://with.dots/a",
                "https://s3.eu-west-1.amazonaws.com/with.dots/a/x"
            ),
        ])
    func texts(_ text: String, _ plain: String, _ url: String) throws {
        let location = try S3Location(text, endpoint: nil)
        #expect(location.text == plain)
        #expect(try S3Location(plain, endpoint: nil) == location)
        #expect(self.url(location, .auto, "eu-west-1") == url)
    }

    private func url(
        _ location: S3Location, _ style: S3Options.Style, _ region: String
    ) -> String {
        var options = S3Options()
        options.style = style
        let bucket = S3Bucket(location, options, AWSEnvironment([:]))
        let endpoint = S3Bucket.endpoint(of: location, style, region: region)
        return "\(endpoint.scheme)://\(endpoint.host)\(bucket.request(.get, "x").path)"
    }

    @Test("an endpoint of the environment is for those that name none")
    func environment() throws {
        let location = try S3Location("s3://bucket/a", endpoint: other)
        #expect(url(location, .auto, "us-east-1") == "http://127.0.0.1:8333/bucket/a/x")
        #expect(location.text == "s3:http://127.0.0.1:8333/bucket/a")
        let named = try S3Location("s3:https://h.example/bucket", endpoint: other)
        #expect(named.endpoint?.host == "h.example")
    }

    @Test("the bucket stands in the path or in the host's name, as one says")
    func style() throws {
        let location = try S3Location("s3://bucket/a", endpoint: other)
        #expect(url(location, .dns, "us-east-1") == "http://bucket.127.0.0.1:8333/a/x")
        let amazon = try S3Location("s3://bucket/a", endpoint: nil)
        #expect(
            url(amazon, .path, "cn-north-1")
                == "https://s3.cn-north-1.amazonaws.com.cn/bucket/a/x")
    }

    @Test(
        "that make no sense are refused, and keys in them first of all",
        arguments: [
            ("s3:", "no host"), ("s3://", "names no bucket"), ("s3:https://h", "names no bucket"),
            ("s3://a", "no name of a bucket"), ("s3://bu cket", "no name of a bucket"),
            ("s3:https://id:secret@h/bucket", "holds no keys"),
            ("s3:https://h?x/bucket", "no host"), ("s3://bucket/a b", "visible ASCII"),
            ("s3://bucket/../a", "a part that is . or .."),
            ("s3://bucket/./a", "a part that is . or .."), ("s3:ftp://h/bucket", "no host"),
        ])
    func wrong(_ text: String, _ sentence: String) {
        let error = #expect(throws: S3LocationError.self) {
            try S3Location(text, endpoint: nil)
        }
        #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("secret") != true)
    }

    @Test(
        "only packs of data get a storage class, and everything the encryption that was asked for")
    func putting() throws {
        var options = S3Options()
        options.storageClass = ("packs/data/", "STANDARD_IA")
        options.serverEncryption = "aws:kms"
        options.serverKey = "key"
        let bucket = S3Bucket(
            try S3Location("s3://bucket", endpoint: nil), options, AWSEnvironment([:]))
        func headers(_ name: String) -> [String: String] {
            let request = bucket.putting(.put, name, hash: [1, 2, 3])
            return Dictionary(request.headers.map { ($0.name, $0.value) }) { $1 }
        }
        #expect(headers("packs/data/00/a")["X-Amz-Storage-Class"] == "STANDARD_IA")
        for name in ["packs/meta/00/a", "log/1", "index/a", "snapshots/a", "varve.json", "keys/a"] {
            #expect(headers(name)["X-Amz-Storage-Class"] == nil)
            #expect(headers(name)["X-Amz-Server-Side-Encryption"] == "aws:kms")
            #expect(headers(name)["X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"] == "key")
            #expect(headers(name)["X-Amz-Checksum-Sha256"] == "AQID")
        }
    }
}
