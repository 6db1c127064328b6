import TestSupport
import Testing
import VarveStorage

@Suite("What a server answers for a bucket")
struct S3AnswerTests {
    @Test("the pause that it asks for is made, up to a minute")
    func retryAfter() throws {
        let bucket = try ImaginedBucket { request in
            request.number < 3
                ? .slowDown(retryAfter: request.number == 1 ? 7 : 3600)
                : .answer(status: 200, body: "x")
        }
        #expect(try bucket.storage.get("a", limit: 1) == [UInt8(ascii: "x")])
        #expect(bucket.pauses.all == [7_000_000_000, 60_000_000_000])
    }

    @Test("pauses grow to twenty seconds, and attempts end")
    func pauses() throws {
        let bucket = try ImaginedBucket { _ in .internalError }
        #expect(kindThrown { _ = try bucket.storage.get("a", limit: 1) } == .failed)
        #expect(bucket.proxy.history.count == 10)
        let pauses = bucket.pauses.all
        #expect(pauses.count == 9)
        for (attempt, pause) in pauses.enumerated() {
            let longest = min(Int64(100_000_000) << attempt, 20_000_000_000)
            #expect(pause >= longest / 2 && pause <= longest)
        }
    }

    @Test("attempts also end when nobody can look whose an object is")
    func unclear() throws {
        let bucket = try ImaginedBucket { request in
            guard request.method == "PUT" else { return .internalError }
            return request.number == 1 ? .internalError : .refusal(412, "PreconditionFailed")
        }
        #expect(kindThrown { _ = try bucket.storage.create("a", [1]) } == .failed)
        #expect(bucket.proxy.counts == ["PUT": 10, "GET": 19])
    }

    @Test("a server that never answered is given up soon")
    func unreachable() throws {
        let bucket = try ImaginedBucket { _ in .none }
        bucket.proxy.stop()
        #expect(kindThrown { _ = try bucket.storage.get("a", limit: 1) } == .failed)
        #expect(bucket.pauses.all.count == 2)
    }

    @Test("an answer that no S3 gives is told as what it is")
    func foreign() throws {
        let cases: [(Trouble, String)] = [
            (
                .answer(status: 400, body: ""),
                "does not answer as S3 does: it answered with status 400"
            ),
            (
                .answer(status: 301, headers: ["Location": "https://h/"], body: ""),
                "status 301, which leads to https://h/"
            ),
        ]
        for (trouble, words) in cases {
            let bucket = try ImaginedBucket { _ in trouble }
            let error = #expect(throws: StorageError.self) {
                _ = try bucket.storage.get("a", limit: 1)
            }
            #expect(error?.reason.contains(words) == true, "\(error?.reason ?? "")")
        }
    }

    @Test("an object grows among the temporary files where nothing can be made in its directory")
    func staging() throws {
        // In this test's own place nothing can be made.
        let bucket = try ImaginedBucket { _ in .answer(status: 200, body: "") }
        let staged = try bucket.storage.stage()
        try staged.append([1, 2, 3])
        try staged.publish(as: "packs/x")
        let put = try #require(bucket.proxy.history.first)
        #expect(put.target == "/imagined/packs/x" && put.headers["content-length"] == "3")
    }

    @Test("bytes of another range than the one that was asked for are not given out")
    func otherRange() throws {
        for range in ["bytes 5-9/10", "bytes 0-4/*", "bytes */10", "nonsense"] {
            let bucket = try ImaginedBucket { _ in
                .answer(status: 206, headers: ["Content-Range": range], body: "56789")
            }
            let kind = kindThrown { _ = try bucket.storage.read("a", at: 0, count: 5) }
            #expect(kind == (range == "bytes 0-4/*" ? nil : .refused), "\(range)")
        }
        let plain = try ImaginedBucket { _ in
            .answer(status: 200, headers: ["Content-Range": "bytes 5-9/10"], body: "56789")
        }
        #expect(try plain.storage.read("a", at: 5, count: 5) == Array("56789".utf8))
        #expect(kindThrown { _ = try plain.storage.read("a", at: 0, count: 5) } == .refused)
        let whole = try ImaginedBucket { _ in .answer(status: 200, body: "0123456789") }
        #expect(kindThrown { _ = try whole.storage.read("a", at: 0, count: 5) } == .refused)
        #expect(kindThrown { _ = try whole.storage.read("a", at: 1, count: 9) } == .refused)
        #expect(try whole.storage.read("a", at: 0, count: 10) == Array("0123456789".utf8))
    }

    @Test("an object that is not what its hash says is an error")
    func altered() throws {
        let hash = "LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564="
        let bucket = try ImaginedBucket { request in
            .answer(
                status: 200, headers: ["x-amz-checksum-sha256": hash],
                body: request.number < 3 ? "fou" : "foo")
        }
        #expect(try bucket.storage.get("a", limit: 3) == Array("foo".utf8))
        let never = try ImaginedBucket { _ in
            .answer(status: 200, headers: ["x-amz-checksum-sha256": hash], body: "bar")
        }
        #expect(kindThrown { _ = try never.storage.get("a", limit: 3) } == .failed)
    }

    /// A page of a listing.
    private static func page(_ names: [String], next: String? = nil, isCut: Bool) -> Trouble {
        let contents = names.map {
            "<Contents><Key>\($0)</Key><Size>1</Size>"
                + "<LastModified>2025-01-01T00:00:00.000Z</LastModified></Contents>"
        }
        let token = next.map { "<NextContinuationToken>\($0)</NextContinuationToken>" } ?? ""
        return .answer(
            status: 200,
            body: "<ListBucketResult><IsTruncated>\(isCut)</IsTruncated>\(contents.joined())"
                + "\(token)</ListBucketResult>")
    }

    @Test("a listing of several pages is put together")
    func pages() throws {
        let bucket = try ImaginedBucket { request in
            request.target.contains("continuation-token=t%2F1")
                ? Self.page(["c", "d"], isCut: false)
                : Self.page(["a", "b"], next: "t/1", isCut: true)
        }
        #expect(try bucket.storage.list("").map(\.name) == ["a", "b", "c", "d"])
    }

    @Test("a listing that is not whole is an error")
    func brokenPages() throws {
        let pages: [Trouble] = [
            Self.page(["a"], isCut: true), Self.page(["a"], next: "", isCut: true),
            Self.page(["b", "a"], isCut: false), Self.page(["a", "a"], isCut: false),
            // The same page for ever.
            Self.page(["a"], next: "t", isCut: true), Self.page([], next: "t", isCut: true),
            .answer(status: 200, body: "<ListBucketResult><Contents></Contents>"),
            .answer(status: 200, body: "<ListBucketResult></ListBucketResult>"),
            .answer(status: 200, body: ""), .answer(status: 200, body: "<html></html>"),
        ]
        for page in pages {
            let bucket = try ImaginedBucket { _ in page }
            #expect(kindThrown { _ = try bucket.storage.list("") } == .failed, "\(page)")
        }
    }

    @Test("a region that it names is used, unless another one was asked for")
    func region() throws {
        let wrong = Trouble.refusal(
            400, "AuthorizationHeaderMalformed", details: "<Region>eu-north-7</Region>")
        let plan: FaultProxy.Plan = { request in
            request.headers["authorization"]?.contains("/eu-north-7/s3/") == true
                ? .answer(status: 200, body: "x") : wrong
        }
        let free = try ImaginedBucket(plan)
        #expect(try free.storage.get("a", limit: 1).count == 1)
        #expect(free.proxy.history.count == 2)
        let named = try ImaginedBucket(region: "eu-south-1", plan)
        let error = #expect(throws: StorageError.self) { try named.storage.get("a", limit: 1) }
        #expect(error?.reason.contains("lies in another region eu-north-7; set AWS_REGION") == true)
        #expect(named.proxy.history.count == 1)
    }

    @Test("what will not pass is said at once, each in a sentence of its own")
    func sentences() throws {
        let cases: [(Trouble, StorageError.Kind, String)] = [
            (.refusal(403, "SignatureDoesNotMatch"), .denied, "the secret access key is wrong"),
            (.refusal(403, "InvalidAccessKeyId"), .denied, "the access key ID is not known"),
            (.refusal(403, "AccessDenied"), .denied, "the credentials do not permit this"),
            (.refusal(400, "ExpiredToken"), .denied, "the session token has expired"),
            (.refusal(400, "InvalidToken"), .denied, "the session token has expired"),
            (
                .refusal(
                    403, "RequestTimeTooSkewed",
                    details: "<ServerTime>2025-01-01T00:00:00Z</ServerTime>"), .denied,
                "the server's clock says 2025-01-01T00:00:00Z"
            ),
            (.refusal(404, "NoSuchBucket"), .missing, "there is no bucket imagined"),
            (.refusal(404, "NoSuchKey"), .missing, "it does not exist"),
            (.refusal(501, "NotImplemented"), .refused, "the server cannot do that"),
            (.refusal(403, "QuotaExceeded"), .noSpace, "made to fail"),
            (.refusal(403, "InvalidObjectState"), .denied, "must be thawed"),
            (.answer(status: 418, body: ""), .denied, "status 418"),
        ]
        for (trouble, kind, words) in cases {
            let bucket = try ImaginedBucket { _ in trouble }
            let error = #expect(throws: StorageError.self) { try bucket.storage.get("a", limit: 9) }
            #expect(error?.kind == kind && error?.description.contains(words) == true, "\(words)")
            #expect(bucket.proxy.history.count == 1, "\(words)")
        }
    }
}
