public import VarveAWS

/// Which part of which bucket, and where that is.
public struct S3Location: Sendable, Equatable {
    /// Nil for AWS itself.
    public var endpoint: AWSEndpoint?
    public var bucket: String
    /// Empty, or ending in "/".
    public var prefix: String

    public init(endpoint: AWSEndpoint?, bucket: String, prefix: String) {
        self.endpoint = endpoint
        self.bucket = bucket
        self.prefix = prefix
    }

    /// Whether `text` means a bucket rather than a directory.
    public static func isMeant(by text: String) -> Bool { text.hasPrefix("s3:") }

    /// Of `s3://BUCKET/PREFIX`, `s3:https://ENDPOINT/BUCKET/PREFIX`, `s3:http://...` or
    /// `s3:ENDPOINT/BUCKET/PREFIX`; the first of them lies at `endpoint`, if there is one.
    public init(
        _ text: String, endpoint: AWSEndpoint?
    ) throws(S3LocationError) {
        guard Self.isMeant(by: text) else { throw S3LocationError("'\(text)' is no S3 location") }
        var rest = text.dropFirst(3)
        if rest.hasPrefix("//") {
            self.endpoint = endpoint
            rest = rest.dropFirst(2)
        } else {
            let named = try AWSEndpoint.parse(rest)
            rest = named.rest
            self.endpoint = named.endpoint.isAmazon ? nil : named.endpoint
        }
        let parts = rest.split(separator: "/")
        guard let bucket = parts.first else {
            throw S3LocationError("'\(text)' names no bucket; it is like s3://BUCKET/PREFIX")
        }
        try Self.check(bucket)
        for part in parts.dropFirst() {
            guard StorageName.isPlain(part.utf8) else {
                throw S3LocationError(
                    "the prefix in '\(text)' holds more than visible ASCII characters")
            }
            // Servers, and what stands before them, take such a path for another one.
            guard part != ".", part != ".." else {
                throw S3LocationError("the prefix in '\(text)' has a part that is . or ..")
            }
        }
        self.bucket = String(bucket)
        prefix = parts.dropFirst().map { $0 + "/" }.joined()
    }

    private static func check(_ bucket: Substring) throws(S3LocationError) {
        let plain = bucket.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard plain, (3...255).contains(bucket.utf8.count) else {
            throw S3LocationError("'\(bucket)' is no name of a bucket")
        }
    }

    /// The way of writing it that names the same place in every environment.
    public var text: String {
        let place = prefix.isEmpty ? bucket : bucket + "/" + prefix.dropLast()
        return endpoint.map { "s3:\($0.scheme)://\($0.host)/\(place)" } ?? "s3://\(place)"
    }
}

/// Why a text is no location, in one sentence.
public struct S3LocationError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension AWSEndpoint {
    /// Of a URL without path; https where it names no scheme.
    public init(_ url: String) throws(S3LocationError) {
        let named = try Self.parse(url[...])
        guard named.rest.allSatisfy({ $0 == "/" }) else {
            throw S3LocationError("the endpoint '\(url)' has a path")
        }
        self = named.endpoint
    }

    /// The endpoint that a text begins with, and what stands behind it.
    fileprivate static func parse(
        _ text: Substring
    ) throws(S3LocationError) -> (endpoint: AWSEndpoint, rest: Substring) {
        var scheme = "https"
        var rest = text
        for candidate in ["http", "https"] where text.hasPrefix(candidate + "://") {
            scheme = candidate
            rest = text.dropFirst(candidate.count + 3)
        }
        let host = rest.prefix { $0 != "/" }
        guard !host.contains("@") else {
            throw S3LocationError("a location holds no keys; set AWS_ACCESS_KEY_ID instead")
        }
        let allowed = host.utf8.allSatisfy {
            StorageName.isPlain([$0]) && !"\"<>\\^`{|}?#%".utf8.contains($0)
        }
        // What ends in a colon is a scheme that is none of ours.
        guard !host.isEmpty, host.last != ":", allowed else {
            throw S3LocationError("'\(text)' names no host; it is like s3:https://ENDPOINT/BUCKET")
        }
        let usual = scheme == "https" ? ":443" : ":80"
        let plain = host.hasSuffix(usual) ? host.dropLast(usual.count) : host
        return (AWSEndpoint(scheme: scheme, host: plain.lowercased()), rest.dropFirst(host.count))
    }

    /// Whether it is AWS's own, whose names depend on region and bucket.
    var isAmazon: Bool { host == "s3.amazonaws.com" }
}
