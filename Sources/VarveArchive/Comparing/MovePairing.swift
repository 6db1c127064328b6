import VarveFormat

/// Finds what was moved among what was added and removed: the same content under another path.
///
/// Where several have the same content those of the same name are paired first, the rest in the order of
/// their paths: so the way back gives the same pairs.
enum MovePairing {
    /// The changes, with each pair replaced by one that says where it was moved.
    static func paired(_ changes: [TreeChange], where isWanted: (Node) -> Bool) -> [TreeChange] {
        var removed: [ContentKey: [Int]] = [:]
        for (index, change) in changes.enumerated() where change.kind == .removed {
            guard let node = change.old, isWanted(node), let key = node.contentKey else { continue }
            removed[key, default: []].append(index)
        }
        guard !removed.isEmpty else { return changes }
        var added: [ContentKey: [Int]] = [:]
        for (index, change) in changes.enumerated() where change.kind == .added {
            guard let node = change.new, isWanted(node), let key = node.contentKey,
                removed[key] != nil
            else { continue }
            added[key, default: []].append(index)
        }
        var moved: [Int: Int] = [:]
        for (key, after) in added {
            for (old, new) in pairs(removed[key] ?? [], after, in: changes) { moved[new] = old }
        }
        let gone = Set(moved.values)
        return changes.enumerated().compactMap { index, change in
            guard !gone.contains(index) else { return nil }
            return moved[index].map { Self.moved(from: changes[$0], to: change) } ?? change
        }
    }

    private static func moved(from old: TreeChange, to new: TreeChange) -> TreeChange {
        var change = TreeChange(.moved, new.path, old: old.old, new: new.new)
        change.oldPath = old.path
        return change
    }

    /// Pairs of indices of changes with the same content.
    private static func pairs(
        _ removed: [Int], _ added: [Int], in changes: [TreeChange]
    ) -> [(old: Int, new: Int)] {
        let sorted = { (some: [Int]) in
            some.sorted { TreePath.areInOrder(changes[$0].path, changes[$1].path) }
        }
        // Of each name the last one is taken first.
        var byName = Dictionary(grouping: sorted(removed).reversed()) {
            changes[$0].node?.name ?? []
        }
        var pairs: [(old: Int, new: Int)] = []
        var rest: [Int] = []
        for new in sorted(added) {
            if let old = byName[changes[new].node?.name ?? []]?.popLast() {
                pairs.append((old, new))
            } else {
                rest.append(new)
            }
        }
        let left = sorted(byName.values.flatMap(\.self))
        return pairs + zip(left, rest).map { ($0, $1) }
    }
}
