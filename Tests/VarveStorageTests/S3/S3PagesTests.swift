import Testing

@testable import VarveStorage

@Suite("Listings of a bucket")
struct S3PagesTests {
    private func pages(_ prefix: String = "log/", after: String? = nil) throws -> S3Pages {
        S3Pages(
            location: try S3Location("s3://bucket/p", endpoint: nil), prefix: prefix, after: after)
    }

    private func page(_ keys: [String], next: String? = nil, isCut: Bool? = nil) -> [UInt8] {
        let contents = keys.map {
            "<Contents><Key>\($0)</Key><Size>3</Size>"
                + "<LastModified>1970-01-01T00:00:01.5Z</LastModified></Contents>"
        }
        let token = next.map { "<NextContinuationToken>\($0)</NextContinuationToken>" } ?? ""
        return Array(
            ("<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>"
                + "\(isCut ?? (next != nil))</IsTruncated>\(token)\(contents.joined())"
                + "</ListBucketResult>").utf8)
    }

    @Test("are put together from their pages, names without the prefix")
    func whole() throws {
        var pages = try pages(after: "log/1")
        #expect(pages.query.contains { $0 == ("start-after", "p/log/1") })
        #expect(pages.add(page(["p/log/1.copy", "p/log/2"], next: "t&amp;")) == nil)
        #expect(pages.token == "t&")
        #expect(pages.query.contains { $0 == ("continuation-token", "t&") })
        #expect(!pages.query.contains { $0.name == "start-after" })
        #expect(pages.add(page(["p/log/a%2Bb+c", "p/log/z"])) == nil)
        #expect(pages.token == nil)
        let listed = pages.listing.sorted()
        #expect(listed.map(\.name) == ["log/2", "log/z"])
        #expect(listed[0] == StoredObject(name: "log/2", bytes: 3, modified: 1_500_000_000))
    }

    @Test("leave out what Varve would never have named, and note second copies")
    func foreign() throws {
        var pages = try pages("")
        let keys = ["p/", "p/.tmp-x", "p/folder/", "p/keys/a", "p/keys/a.copy", "p/%C3%A4"]
        #expect(pages.add(page(keys)) == nil)
        #expect(pages.listing.sorted().map(\.name) == ["keys/a"])
        #expect(pages.copied == ["keys/a"])
    }

    @Test("are an error when they are out of order, elsewhere, cut short or none at all")
    func wrong() throws {
        let cases: [([UInt8], String)] = [
            (page(["p/log/2", "p/log/1"]), "out of order"),
            (page(["p/log/1", "p/log/1"]), "out of order"),
            (page(["q/log/1"]), "elsewhere"),
            (page([], isCut: true), "cut short"),
            (Array("<ListBucketResult></ListBucketResult>".utf8), "is none"),
            (Array("<html>".utf8), "is none"), ([], "is none"),
            (
                Array(
                    "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>p/log/1</Key></Contents></ListBucketResult>"
                        .utf8), "too little"
            ),
        ]
        for (answer, sentence) in cases {
            var pages = try pages()
            #expect(pages.add(answer)?.contains(sentence) == true, "\(sentence)")
        }
        var again = try pages()
        #expect(again.add(page(["p/log/1"], next: "t")) == nil)
        #expect(again.add(page(["p/log/2"], next: "t"))?.contains("cut short") == true)
        // Round and round.
        var round = try pages()
        for next in ["t", "u"] { #expect(round.add(page([], next: next)) == nil) }
        #expect(round.add(page([], next: "t"))?.contains("cut short") == true)
    }
}
