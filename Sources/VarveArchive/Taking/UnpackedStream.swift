public import VarveSystem

/// What comes out of a file, as it is or, of gzip data, what that decompresses to.
public struct UnpackedStream: Sendable {
    public let input: StreamInput
    private let gunzipped: GunzippedStream?

    public init(_ file: consuming File, gunzip: Bool) throws {
        guard gunzip else {
            (input, gunzipped) = (StreamInput(file), nil)
            return
        }
        let plain = try GunzippedStream(file)
        (input, gunzipped) = (plain.input, plain)
    }

    /// What the snapshot says of it.
    public var anchors: [String: String] { gunzipped == nil ? [:] : ["unpacked": "gzip"] }

    /// At its end: throws when the gzip data was not whole, or something else stands behind it.
    public func confirm() throws {
        guard let rest = try gunzipped?.finish(), rest > 0 else { return }
        throw ArchiveError.streamFailed(reason: "\(rest) bytes behind its gzip data are none of it")
    }
}
