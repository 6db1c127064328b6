/// `varve.json`: which repository this is, in the clear.
public struct RepositoryDescriptor: Sendable, Equatable {
    public var repository: RepositoryID
    /// 32 bytes: should be the SHA-256 of `checksumText`, which the caller checks.
    public var checksum: [UInt8]

    public init(repository: RepositoryID, checksum: [UInt8]) {
        self.repository = repository
        self.checksum = checksum
    }

    /// The text that `checksum` is taken over.
    public static func checksumText(_ repository: RepositoryID) -> String {
        "varve\n1\n\(repository.hex)"
    }

    public var checksumText: String { Self.checksumText(repository) }

    public func encoded() -> [UInt8] {
        let text = """
            {"format":"varve","version":1,"repository":"\(repository.hex)",\
            "checksum":"\(Hex.encode(checksum))"}
            """
        return Array(text.utf8)
    }

    public init(json: [UInt8]) throws(FormatError) {
        let fields = try JSONText.decode(
            Fields.self, from: json, atMost: FormatLimit.clearObjectBytes)
        guard fields.format == "varve" else { throw .invalid("it is not a repository of varve") }
        guard fields.version == 1 else { throw .invalid("its format version is unknown") }
        repository = try JSONText.identifier(fields.repository)
        checksum = try JSONText.bytes(fields.checksum, count: 32)
    }

    private struct Fields: Decodable {
        var format: String
        var version: Int
        var repository: String
        var checksum: String
    }
}
