import TestSupport
import Testing
import VarveStorage
import VarveSystem

// Without VARVE_TEST_S3 there is no server: tools/test starts one.
@Suite("An object that is put in parts", .enabled(if: S3Server.isThere))
struct S3PartsTests {
    private let bucket: ProxiedBucket
    private let bytes = randomBytes(11 << 20)

    init() throws { bucket = try ProxiedBucket(partBytes: 5 << 20) }

    private func publish(_ name: String) throws {
        let staged = try bucket.storage.stage()
        try staged.append(bytes)
        try staged.publish(as: name)
    }

    @Test("is one object, of parts of the length that was asked for")
    func whole() throws {
        bucket.disturb(0, .none)
        try publish("packs/a")
        #expect(try bucket.quiet.get("packs/a", limit: bytes.count) == bytes)
        let lengths = bucket.proxy.history.filter { $0.method == "PUT" }
            .map { $0.headers["content-length"] }
        #expect(lengths == ["\(5 << 20)", "\(5 << 20)", "\(1 << 20)"])
        #expect(bucket.proxy.counts == ["POST": 2, "PUT": 3])
    }

    @Test("is given up whole when one part cannot be put")
    func aborted() throws {
        bucket.proxy.follow {
            $0.target.contains("partNumber=2") ? .refusal(403, "AccessDenied") : .none
        }
        #expect(kindThrown { try publish("packs/a") } == .denied)
        #expect(bucket.proxy.history.last?.method == "DELETE")
        #expect(bucket.proxy.history.last?.target.contains("uploadId=") == true)
        #expect(kindThrown { _ = try bucket.quiet.size(of: "packs/a") } == .missing)
        // Nothing of it is left to be aborted.
        let upload = try #require(bucket.proxy.history.last).target.split(separator: "?").last
        #expect(upload?.isEmpty == false)
    }

    @Test("is there when only the answer to its end was lost, also over an open connection")
    func lostEnd() throws {
        bucket.proxy.follow {
            $0.method == "POST" && $0.number == 5 ? .loseAnswer : .none
        }
        try publish("packs/a")
        #expect(bucket.proxy.troubles == 1)
        #expect(try bucket.quiet.get("packs/a", limit: bytes.count) == bytes)
    }

    @Test("is not there when the server says so behind a success")
    func lateError() throws {
        bucket.proxy.follow {
            $0.method == "POST" && $0.target.contains("uploadId=")
                ? .refusal(200, "InternalError") : .none
        }
        #expect(kindThrown { try publish("packs/a") } == .failed)
        #expect(bucket.proxy.history.last?.method == "DELETE")
        #expect(kindThrown { _ = try bucket.quiet.size(of: "packs/a") } == .missing)
    }
}
