import TestSupport
import Testing
import VarveStorage
import VarveSystem

// Without VARVE_TEST_S3 there is no server: tools/test starts one.
@Suite("A bucket, when something goes wrong on the way", .enabled(if: S3Server.isThere))
struct S3FaultTests {
    private let bucket: ProxiedBucket

    init() throws { bucket = try ProxiedBucket(partBytes: BucketCall.partBytes) }

    /// What passes when it is tried again.
    private static let passing: [Trouble] = [
        .cutBefore, .cutRequest, .loseAnswer, .cutAnswer, .internalError,
        .slowDown(retryAfter: 3), .refusal(503, "ServiceUnavailable"), .refusal(429, "TooMany"),
        .answer(status: 502, body: "<html>a proxy</html>"), .delay(nanoseconds: 1_000_000),
    ]

    /// What passes too, as only the code behind the status says.
    private static let passingByCode: [Trouble] = [
        .refusal(400, "RequestTimeout"), .refusal(409, "OperationAborted"),
    ]

    @Test(
        "each request of each call may fail once, and the call does what it is for",
        arguments: BucketCall.allCases)
    func once(_ call: BucketCall) throws {
        // The answer to HEAD has no body, and so no code.
        for trouble in Self.passing + (call == .size ? [] : Self.passingByCode) {
            var number = 1
            while true {
                let name = "packs/\(randomName())/a"
                try call.prepare(name, bucket.quiet)
                bucket.disturb(number, trouble)
                #expect(try call.run(name, bucket.storage), "\(number): \(trouble)")
                #expect(try call.isDone(name, bucket.quiet), "\(number): \(trouble)")
                if bucket.proxy.troubles == 0 { break }
                number += 1
            }
            #expect(number > 1)
        }
    }

    @Test(
        "trouble that stays is an error after ten attempts, and leaves nothing in between",
        arguments: BucketCall.allCases)
    func always(_ call: BucketCall) throws {
        for trouble in [Trouble.cutBefore, .cutRequest, .loseAnswer, .cutAnswer, .internalError] {
            let name = "packs/\(randomName())/a"
            try call.prepare(name, bucket.quiet)
            bucket.proxy.follow { _ in trouble }
            let pauses = bucket.pauses.all.count
            do {
                #expect(try call.run(name, bucket.storage), "\(trouble)")
            } catch let error as StorageError {
                #expect(error.kind == .failed && error.transient, "\(trouble): \(error)")
            }
            #expect(bucket.proxy.history.count <= 60, "\(trouble)")
            #expect(bucket.pauses.all.count - pauses <= 60)
            #expect(try call.isWhole(name, bucket.quiet), "\(trouble)")
        }
    }

    @Test("a part of what was asked for is never given out")
    func shortened() throws {
        try bucket.quiet.put("packs/a", randomBytes(10_000))
        bucket.proxy.follow { _ in .shortenAnswer }
        #expect(kindThrown { _ = try bucket.storage.read("packs/a", at: 0, count: 100) } != nil)
        #expect(kindThrown { _ = try bucket.storage.list("packs/") } == .failed)
        #expect(kindThrown { _ = try bucket.storage.times(of: ["packs/a"]) } == .failed)
    }

    @Test("a create whose answer was lost has made the object, also over an open connection")
    func lostCreation() throws {
        for number in 1...8 {
            // What libcurl knows of a connection that was used before is no answer.
            _ = try bucket.storage.list("log/")
            bucket.disturb(1, .loseAnswer)
            #expect(try bucket.storage.create("log/\(number)", [UInt8(number)]))
            #expect(try bucket.quiet.get("log/\(number)", limit: 1) == [UInt8(number)])
        }
        bucket.proxy.follow { $0.method == "PUT" ? .loseAnswer : .none }
        #expect(try bucket.storage.create("log/9", [9]))
    }

    @Test("a create that somebody else was faster with has not, whatever was lost")
    func lostRace() throws {
        for trouble in Self.passing {
            let name = "log/\(randomName())"
            try bucket.quiet.put(name, [1])
            bucket.disturb(1, trouble)
            #expect(try !bucket.storage.create(name, [2]), "\(trouble)")
            #expect(try bucket.quiet.get(name, limit: 1) == [1])
        }
        bucket.proxy.follow { $0.method == "PUT" ? .loseAnswer : .none }
        try bucket.quiet.put("log/last", [1])
        #expect(try !bucket.storage.create("log/last", [2]))
    }

    @Test("of writers at the same time one makes the name, whatever answers are lost")
    func racers() throws {
        bucket.proxy.follow { $0.number % 3 == 0 ? .loseAnswer : .none }
        let report = try probeCreateOnly(bucket.storage, racers: 6, rounds: 2)
        #expect(report.rounds == 2)
        #expect(bucket.proxy.troubles > 0)
    }
}
