import Synchronization
import VarveArchive
import VarveFormat

/// A virtual tree that is made up, and fails where it is told to.
struct MadeTree: VirtualTree, VirtualTreeReading {
    var place: [[UInt8]]
    /// By their paths in the tree.
    var files: [String: [UInt8]]
    var jobs: Int
    var anchors: [String: String]
    /// Files that come last.
    var last: Set<String> = []
    /// The file that cannot be read to its end, or `open` or `finish`.
    var failing: String?
    /// Which files were read to their ends, in that order.
    let log = Log()

    final class Log: Sendable {
        private let names = Mutex<[String]>([])
        var read: [String] { names.withLock { $0 } }
        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    struct Broken: Error, CustomStringConvertible {
        var description: String { "broken on purpose" }
    }

    init(
        place: [String], files: [String: [UInt8]], jobs: Int, anchors: [String: String] = [:]
    ) {
        self.place = place.map { Array($0.utf8) }
        self.files = files
        self.jobs = jobs
        self.anchors = anchors
    }

    var source: SnapshotManifest.Source { source(anchors: [:]) }

    func source(anchors: [String: String]) -> SnapshotManifest.Source {
        SnapshotManifest.Source(kind: .postgres, name: Array("made".utf8), anchors: anchors)
    }

    func open() throws -> any VirtualTreeReading {
        if failing == "open" { throw Broken() }
        return self
    }

    func finish() throws -> [String: String] {
        if failing == "finish" { throw Broken() }
        return anchors
    }

    var root: VirtualNode { VirtualNode([], .directory(nodes(below: ""))) }

    private func nodes(below prefix: String) -> [VirtualNode] {
        let paths = files.keys.filter { $0.hasPrefix(prefix) }
        let names = Set(paths.map { $0.dropFirst(prefix.count).prefix { $0 != "/" } })
        return names.map { name in
            let path = prefix + name
            guard let bytes = files[path] else {
                return VirtualNode(Array(name.utf8), .directory(nodes(below: path + "/")))
            }
            let file = VirtualFile(expectedBytes: bytes.count, isLast: last.contains(path)) { _ in
                Content(bytes, path, self)
            }
            return VirtualNode(Array(name.utf8), .file(file))
        }
    }

    /// The bytes of one file, in pieces of odd lengths.
    private final class Content: ContentInput {
        private let bytes: BytesInput
        private let path: String
        private let tree: MadeTree
        private var read = 0

        init(_ bytes: [UInt8], _ path: String, _ tree: MadeTree) {
            self.bytes = BytesInput(bytes)
            self.path = path
            self.tree = tree
        }

        func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
            if tree.failing == path, read > 2_000_000 { throw Broken() }
            let part = UnsafeMutableRawBufferPointer(rebasing: room[..<min(room.count, 77_777)])
            let count = bytes.read(into: part)
            read += count
            if count == 0 { tree.log.add(path) }
            return count
        }
    }
}
