import VarveArchive
import VarveFormat
import VarveSystem

/// A stream, which lies at the root of its snapshot under a name.
struct NamedStream {
    let name: String
    /// Whether what it decompresses to is stored.
    let isGunzipped: Bool

    private static let ending = ".gz"

    /// With `gunzip` the name loses the ending that says that it is compressed.
    init(_ name: String, of option: String, gunzip: Bool) throws {
        var name = name.hasPrefix("/") ? String(name.dropFirst()) : name
        if gunzip, name.count > Self.ending.count, name.lowercased().hasSuffix(Self.ending) {
            name.removeLast(Self.ending.count)
        }
        guard Node.isValid(name: Array(name.utf8)) else {
            throw Failure.usage("\(option) is '\(name)'; it is a file name without slashes")
        }
        self.name = name
        isGunzipped = gunzip
    }

    /// The source that reads `file`; `confirm` throws when that is not to be trusted.
    func source(
        _ kind: SnapshotManifest.Source.Kind, _ file: consuming File,
        confirm: @escaping @Sendable () throws -> Void
    ) throws -> SnapshotSource {
        let stream = try UnpackedStream(file, gunzip: isGunzipped)
        return .stream(name: name, kind: kind, anchors: stream.anchors, stream.input) {
            // What the program says comes first: it explains why its output ends too early.
            try confirm()
            try stream.confirm()
        }
    }
}
