import VarveFormat
import VarveSystem

/// A stream as the only file of a virtual tree.
struct StreamTree: VirtualTree, VirtualTreeReading {
    let source: SnapshotManifest.Source
    let input: StreamInput
    /// Throws when the stream is not to be trusted.
    let confirm: @Sendable () throws -> Void

    var place: [[UInt8]] { [source.name] }
    var isDirectory: Bool { false }
    var isRepeatable: Bool { false }
    var jobs: Int { 1 }

    func open() -> any VirtualTreeReading { self }

    var root: VirtualNode {
        VirtualNode(source.name, .file(VirtualFile { [input] _ in Reading(input.content) }))
    }

    func finish() throws -> [String: String] {
        try confirm()
        return [:]
    }

    /// Says of a failure only what went wrong: the stream has no path.
    private final class Reading: ContentInput {
        private let input: any ContentInput

        init(_ input: any ContentInput) { self.input = input }

        func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
            do {
                return try input.read(into: room)
            } catch let failure as FileInput.ReadFailure {
                throw ArchiveError.streamFailed(reason: failure.error.description)
            }
        }
    }
}
