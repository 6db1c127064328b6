import VarveAWS
import VarveHTTP

extension S3Bucket {
    /// The objects below the prefix and behind `after`: all, or an error.
    ///
    /// `copied` is told the names that have a second copy.
    func list(
        _ prefix: String, after: String?, copied: (String) -> Void
    ) throws(StorageError) -> [StoredObject] {
        var pages = S3Pages(location: location, prefix: prefix, after: after)
        repeat {
            var request = request(.get, nil)
            request.query = pages.query
            let answer: [UInt8]
            do throws(AWSError) {
                answer = try client.send(request, limit: S3Pages.answerBytesMax).body
            } catch {
                throw storageError(error, nil)
            }
            if let wrong = pages.add(answer) {
                throw StorageError(.failed, location.text, "a listing of \(prefix) \(wrong)")
            }
        } while pages.token != nil
        for name in pages.copied { copied(name) }
        return pages.listing.sorted()
    }
}

/// A listing, as its pages arrive.
struct S3Pages {
    private let full: String
    private let own: Int
    private let after: String?
    private(set) var listing: Listing
    /// Leads to the next page; nil before the first and after the last.
    private(set) var token: String?
    private var last: String?
    /// Those that led to a page so far.
    private var tokens: Set<String> = []
    /// Names of which there is a second copy.
    private(set) var copied: [String] = []

    /// A thousand names and what is said of them.
    static let answerBytesMax = 16 << 20

    init(location: S3Location, prefix: String, after: String?) {
        full = location.prefix + prefix
        own = location.prefix.utf8.count
        // A second copy lies behind the name that it is a copy of.
        self.after = after.map { location.prefix + $0 }
        listing = Listing(after: after)
    }

    /// What the request for the next page says.
    var query: [(name: String, value: String)] {
        var query = [("list-type", "2"), ("prefix", full), ("encoding-type", "url")]
        if let token {
            query.append(("continuation-token", token))
        } else if let after {
            query.append(("start-after", after))
        }
        return query
    }

    /// Takes a page; what is wrong with it, or nil.
    mutating func add(_ answer: [UInt8]) -> String? {
        guard let page = XMLElement(answer), page.name == "ListBucketResult",
            let isCut = page["IsTruncated"].flatMap({ Bool($0.lowercased()) })
        else { return "is none" }
        let isEncoded = page["EncodingType"] == "url"
        for object in page.all("Contents") {
            guard let written = object["Key"],
                let key = isEncoded ? Self.decoded(written) : written,
                let bytes = object["Size"].flatMap({ Int($0) }), bytes >= 0,
                let modified = object["LastModified"].flatMap(AWSTime.nanoseconds)
            else { return "has an entry that says too little" }
            guard key.utf8.starts(with: full.utf8) else { return "leads elsewhere, to \(key)" }
            if let last, !StorageName.precedes(last, key) { return "is out of order at \(key)" }
            last = key
            take(String(decoding: key.utf8.dropFirst(own), as: UTF8.self), bytes, modified)
        }
        let next = page["NextContinuationToken"].flatMap { $0.isEmpty ? nil : $0 }
        token = isCut ? next : nil
        guard !isCut || token.map({ tokens.insert($0).inserted }) ?? false else {
            return "is cut short without a way to go on"
        }
        return nil
    }

    private mutating func take(_ name: String, _ bytes: Int, _ modified: Int64) {
        // Others may keep things in the bucket whose names Varve would never give.
        let plain =
            name.hasSuffix(StorageName.copySuffix)
            ? String(name.dropLast(StorageName.copySuffix.count)) : name
        guard (try? StorageName.check(plain)) != nil, listing.wants(name) else { return }
        if plain != name { copied.append(plain) }
        listing.add(StoredObject(name: name, bytes: bytes, modified: modified))
    }

    /// As in a URL's query, where a space may also be a plus.
    private static func decoded(_ text: String) -> String? {
        PercentEncoding.decode(String(text.map { $0 == "+" ? " " : $0 }))
    }
}
