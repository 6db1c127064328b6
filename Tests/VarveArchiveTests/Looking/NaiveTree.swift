import VarveFormat
import VarveRepository

@testable import VarveArchive

/// Every node of a snapshot by its path, found the slow way.
struct NaiveTree {
    var nodes: [[UInt8]: Node] = [:]

    init(_ entry: RepositoryState.SnapshotEntry, _ repository: Repository) throws {
        var tree = try SnapshotTree(repository, entry)
        var nodes: [[UInt8]: Node] = [:]
        try tree.walk(tree.content(of: nil), path: []) { path, node in
            nodes[path] = node
            return true
        }
        self.nodes = nodes
    }

    func below(_ path: [UInt8]) -> [[UInt8]] {
        nodes.keys.filter { $0.starts(with: path + [UInt8(ascii: "/")]) }
    }

    /// Which paths differ to another tree, and how, when nothing counts as moved.
    func differences(to other: NaiveTree) -> [String: TreeChange.Kind] {
        var found: [String: TreeChange.Kind] = [:]
        for path in Set(nodes.keys).union(other.nodes.keys) {
            found[Hex.encode(path)] = Self.kind(nodes[path], other.nodes[path])
        }
        return found
    }

    private static func kind(_ old: Node?, _ new: Node?) -> TreeChange.Kind? {
        guard let old else { return .added }
        guard let new else { return .removed }
        if old.kind != new.kind { return .type }
        let content = { (node: Node) in
            node.kind == .directory ? nil : node.content.map { "\($0)\(node.holes)" }
        }
        if content(old) != content(new) || old.target != new.target || old.device != new.device {
            return .content
        }
        var (before, after) = (old, new)
        for path in [\Node.content] { (before[keyPath: path], after[keyPath: path]) = (nil, nil) }
        (before.holes, after.holes) = ([], [])
        (before.hardLinkGroup, after.hardLinkGroup) = (nil, nil)
        (before.entriesBelow, after.entriesBelow) = (0, 0)
        (before.isPartial, after.isPartial) = (false, false)
        return before == after ? nil : .metadata
    }
}

extension ComparisonReport {
    /// The same for a report, with what was moved as removed here and added there.
    func differences(_ old: NaiveTree, _ new: NaiveTree) -> [String: TreeChange.Kind] {
        var found: [String: TreeChange.Kind] = [:]
        for change in changes {
            guard change.kind == .moved, let oldPath = change.oldPath else {
                found[Hex.encode(change.path)] = change.kind
                continue
            }
            for path in [change.path] + new.below(change.path) { found[Hex.encode(path)] = .added }
            for path in [oldPath] + old.below(oldPath) { found[Hex.encode(path)] = .removed }
        }
        return found
    }
}
