import Synchronization
import VarveFormat
import VarveRepository

/// How many names the files of hard-link groups have, counted by walking the trees of snapshots.
final class LinkCounts: Sendable {
    private struct Counted {
        var snapshot: SnapshotID
        /// By group; a group above all others was not met.
        var names: [UInt32]
    }

    /// Of the snapshots that were asked about last, which stand last.
    private let counted = Mutex<[Counted]>([])

    /// Of how many snapshots the counts are kept.
    private static let kept = 4

    /// How many names a file has: the first call walks the tree, and others wait for that. At least 2.
    func links(
        ofGroup group: Int, _ snapshot: MountedSnapshot, _ reader: inout ChunkReader
    ) -> Int {
        let counts = snapshot.manifest.counts
        let entries = counts.files.addingReportingOverflow(counts.directories)
        guard !entries.overflow, entries.partialValue <= MountLimits.countedEntries else {
            return 2
        }
        return counted.withLock { counted in
            let known = counted.firstIndex { $0.snapshot == snapshot.id }.map {
                counted.remove(at: $0)
            }
            let names = known?.names ?? Self.count(snapshot.manifest.root.content, &reader)
            counted.append(Counted(snapshot: snapshot.id, names: names))
            if counted.count > Self.kept { counted.removeFirst() }
            return names.indices.contains(group) ? max(2, Int(names[group])) : 2
        }
    }

    /// Counts past directories that cannot be read, up to a limit: the manifest may have said less than there
    /// is.
    private static func count(_ root: Content, _ reader: inout ChunkReader) -> [UInt32] {
        var names: [UInt32] = []
        // A stack of its own, so that no depth of stored directories exhausts the thread's.
        var open = [DirectoryCursor(root)]
        var rest = 2 * MountLimits.countedEntries
        while rest > 0, let deepest = open.indices.last {
            guard let node = try? open[deepest].next(&reader) else {
                open.removeLast()
                continue
            }
            rest -= 1
            if let group = node.hardLinkGroup, group < 2 * MountLimits.countedEntries {
                if group >= names.count {
                    names += repeatElement(0, count: group + 1 - names.count)
                }
                names[group] += 1
            }
            if let below = node.content, node.kind == .directory, below.size > 0 {
                open.append(DirectoryCursor(below))
            }
        }
        return names
    }
}
