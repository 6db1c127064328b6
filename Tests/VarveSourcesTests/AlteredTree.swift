import VarveArchive
import VarveFormat
import VarveSystem

@testable import VarveSources

/// A tree of which some files, by their names, or anchors say something else than they should.
struct AlteredTree: VirtualTree {
    let tree: any VirtualTree
    var files: [String: @Sendable (String) -> String] = [:]
    var anchors: @Sendable ([String: String]) -> [String: String] = { $0 }

    var source: SnapshotManifest.Source { tree.source }
    var place: [[UInt8]] { tree.place }
    var isDirectory: Bool { tree.isDirectory }

    func open() throws -> any VirtualTreeReading { Reading(inner: try tree.open(), tree: self) }

    private struct Reading: VirtualTreeReading {
        let inner: any VirtualTreeReading
        let tree: AlteredTree

        var jobs: Int { inner.jobs }
        var root: VirtualNode { altered(inner.root) }
        func finish() throws -> [String: String] { tree.anchors(try inner.finish()) }

        private func altered(_ node: VirtualNode) -> VirtualNode {
            var node = node
            switch node.content {
            case .directory(let nodes): node.content = .directory(nodes.map(altered))
            case .file(var file):
                let name = String(decoding: node.name, as: UTF8.self)
                guard let change = tree.files[name] else { break }
                let open = file.open
                file.open = { job in
                    let text = String(decoding: try whole(open(job)), as: UTF8.self)
                    return BytesInput(Array(change(text).utf8))
                }
                node.content = .file(file)
            }
            return node
        }
    }
}

private func whole(_ input: any ContentInput) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 64 << 10)
    while true {
        let count = try room.withUnsafeMutableBytes { try input.read(into: $0) }
        if count == 0 { return bytes }
        bytes += room[..<count]
    }
}
