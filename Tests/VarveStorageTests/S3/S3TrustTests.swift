import TestSupport
import Testing
import VarveAWS
import VarveHTTP
import VarveStorage
import VarveSystem

@Suite("A server that speaks TLS")
struct S3TrustTests {
    private let scratch: ScratchDirectory
    /// Answers with files, under a certificate for `localhost` that an authority of its own has signed.
    private let server: ChildProcess
    private let port: Int

    private static let commands = """
        cd "$1" && mkdir bucket && printf hello >bucket/a
        {
            new='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
            openssl req -x509 $new -keyout ca.key -out ca.pem -subj /CN=authority
            openssl req $new -keyout key -out request -subj /CN=localhost
            echo subjectAltName=DNS:localhost >names
            openssl x509 -req -in request -CA ca.pem -CAkey ca.key -CAcreateserial \\
                -extfile names -out certificate
        } >/dev/null 2>&1
        exec openssl s_server -accept 127.0.0.1:0 -cert certificate -key key -WWW 2>/dev/null
        """

    init() throws {
        scratch = try ScratchDirectory()
        let server = try ChildProcess("sh", ["-c", Self.commands, "sh", scratch.path])
        var said = ""
        var byte: [UInt8] = [0]
        // It says "ACCEPT 127.0.0.1:32857".
        while !said.contains("ACCEPT") || said.last != "\n" {
            let count = try byte.withUnsafeMutableBytes { try server.output.read(into: $0) }
            try #require(count == 1, "openssl does not serve: \(said)")
            said.unicodeScalars.append(Unicode.Scalar(byte[0]))
        }
        self.server = server
        port = try #require(Int(said.dropLast().split(separator: ":").last ?? ""))
    }

    private func get(_ host: String, trusting certificates: String?) throws -> [UInt8] {
        var options = S3Options()
        options.http.certificates = certificates
        let location = S3Location(
            endpoint: AWSEndpoint(scheme: "https", host: "\(host):\(port)"), bucket: "bucket",
            prefix: "")
        let keys = ["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"]
        let storage = S3Storage(
            location, options, environment: AWSEnvironment(keys), staging: "/dev/null")
        return try storage.get("a", limit: 9)
    }

    @Test("is believed when the authority that is named vouches for its name, and not otherwise")
    func trust() throws {
        let authority = scratch.path + "/ca.pem"
        #expect(try get("localhost", trusting: authority) == Array("hello".utf8))
        let wrong: [(String, String?)] = [
            ("localhost", nil), ("127.0.0.1", authority), ("localhost", "/nowhere"),
        ]
        for (host, certificates) in wrong {
            let error = #expect(throws: StorageError.self) {
                _ = try get(host, trusting: certificates)
            }
            #expect(error?.kind == .denied && error?.transient == false)
            #expect(error?.reason.contains("cannot be trusted") == true)
            #expect(error?.reason.contains("-o s3.ca=FILE") == true)
        }
    }
}
