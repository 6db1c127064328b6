import VarveArchive
import VarveFormat

/// A source that could not even be named fully: it fails, and the others are taken.
struct UnavailableTree: VirtualTree {
    let name: String
    /// Tells apart the places of several.
    let number: Int
    let reason: String

    var source: SnapshotManifest.Source {
        SnapshotManifest.Source(kind: .command, name: Array(name.utf8))
    }

    var place: [[UInt8]] { [Array("unavailable-\(number)".utf8)] }

    func open() throws -> any VirtualTreeReading { throw Unavailable(description: reason) }

    private struct Unavailable: Error, CustomStringConvertible {
        var description: String
    }
}
