import VarveFormat

/// One piece of a directory that is open.
struct PieceKey: Hashable, Sendable {
    var directory: Int
    var piece: Int
}

/// The nodes of one piece of a directory, in order of their names.
final class DirectoryPiece: Sendable {
    let nodes: [Node]
    /// About what it takes of memory.
    let byteCount: Int

    init(_ nodes: [Node]) {
        self.nodes = nodes
        byteCount = nodes.reduce(64) { $0 + Self.bytes(of: $1) }
    }

    /// Where the node of this name is.
    func index(of name: [UInt8]) -> Int? {
        var (low, high) = (0, nodes.count)
        while low < high {
            let middle = (low + high) / 2
            if nodes[middle].name.lexicographicallyPrecedes(name) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < nodes.count && nodes[low].name == name ? low : nil
    }

    /// Each array is an allocation of its own; names of owners are shared.
    private static func bytes(of node: Node) -> Int {
        let allocation = 48
        var bytes = MemoryLayout<Node>.stride + allocation + node.name.count
        if let content = node.content {
            bytes += allocation + content.entries.count * MemoryLayout<Content.Entry>.stride
            if let literal = content.literal { bytes += allocation + literal.count }
        }
        if let target = node.target { bytes += allocation + target.count }
        for attribute in node.attributes {
            bytes += 3 * allocation + attribute.name.count + attribute.value.count
        }
        return bytes + node.holes.count * MemoryLayout<Node.Hole>.stride
    }
}
