import TestSupport

@testable import VarveAWS
@testable import VarveStorage

extension Fuzzer {
    /// What servers answer.
    static let answers = [
        Fuzzer(
            "answer in XML", errors: [], sample: { $0.page() }, bytesPerItem: 4,
            decode: { XMLElement($0).map(names) }),
        Fuzzer(
            "page of a listing", errors: [], sample: { $0.page() }, bytesPerItem: 80,
            decode: { bytes -> [StoredObject]? in
                var pages = S3Pages(location: try bucket, prefix: "log/", after: nil)
                return pages.add(bytes) == nil ? pages.listing.sorted() : nil
            }),
        Fuzzer(
            "file of profiles", errors: [], sample: { $0.profiles() }, bytesPerItem: 3,
            decode: { bytes -> [String] in
                var profiles = AWSProfiles()
                profiles.add(String(decoding: bytes, as: UTF8.self), isConfiguration: true)
                return profiles["default"].map { Array($0.keys) } ?? []
            }),
    ]

    private static var bucket: S3Location {
        get throws { try S3Location("s3://bucket", endpoint: nil) }
    }

    private static func names(_ element: XMLElement) -> [String] {
        [element.name] + element.children.flatMap(names)
    }
}

extension SeededNumbers {
    /// A page as a server sends it.
    fileprivate mutating func page() -> [UInt8] {
        var keys: [String] = []
        for number in 0..<below(6) { keys.append("log/\(number)\(flag() ? ".copy" : "")") }
        let contents = keys.map {
            "<Contents><Key>\($0)</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
                + "<ETag>&quot;x&quot;</ETag><Size>\(count())</Size></Contents>"
        }
        let isCut = flag()
        return Array(
            ("<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"http://s3/\"><Name>b</Name>"
                + "<IsTruncated>\(isCut)</IsTruncated>\(contents.joined())"
                + (isCut ? "<NextContinuationToken>t</NextContinuationToken>" : "")
                + "</ListBucketResult>").utf8)
    }

    fileprivate mutating func profiles() -> [UInt8] {
        let lines = [
            "[default]", "[profile a]", "region = x", "s3 =", "  a = b", "# c", "a=b=c", "",
        ]
        return Array(list(0...12) { $0.element(lines) }.joined(separator: "\n").utf8)
    }
}
