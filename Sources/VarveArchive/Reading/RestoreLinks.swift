import VarveFormat
import VarveSystem

/// Entries that are one file: the first that is restored, and those that become further names of it.
struct RestoreLinks {
    /// The entry that the others of a group are linked to.
    private struct First {
        var node: Node
        var path: TreePath
        var identity: EntryIdentity
    }

    /// A further member that waits until the first is settled.
    struct Member {
        var node: Node
        var directory: RestoredDirectory
    }

    private var settled: [Int: First] = [:]
    private var pending: [Int: RestoredFile] = [:]
    private(set) var waiting: [Member] = []

    /// Whether some member of the group was or is being restored.
    func knows(_ group: Int) -> Bool { settled[group] != nil || pending[group] != nil }

    /// `file` is the first of its group, if it succeeds.
    mutating func begin(_ group: Int, with file: RestoredFile) { pending[group] = file }

    /// The first of a group is there.
    mutating func settle(
        _ group: Int, _ node: Node, _ path: TreePath, _ identity: EntryIdentity
    ) {
        settled[group] = First(node: node, path: path, identity: identity)
    }

    /// Whether a member of a group says the same of the file as the first did. If not, the snapshot is
    /// not sound, and the member must get the content that it names.
    func agrees(_ node: Node, with group: Int) -> Bool {
        guard let first = settled[group]?.node else { return true }
        return first.kind == node.kind && first.content == node.content
            && first.holes == node.holes && first.target == node.target
            && first.device == node.device
    }

    mutating func forget(_ group: Int) { settled[group] = nil }

    mutating func wait(_ node: Node, in directory: RestoredDirectory) {
        waiting.append(Member(node: node, directory: directory))
    }

    mutating func takeWaiting() -> [Member] {
        defer { waiting = [] }
        return waiting
    }

    /// Takes over what became of the files that were pending; a group whose first failed or stayed as
    /// it was has none again.
    mutating func settlePending() {
        for (group, file) in pending {
            switch file.outcome {
            case .pending: continue
            case .failed: break
            case .restored(let identity): settle(group, file.node, file.path, identity)
            }
            pending[group] = nil
        }
    }

    /// What is to be made a link to, taken hold of below `target`; nil when it is not there any more.
    func first(of group: Int, below target: SharedFile) -> LinkedEntry? {
        guard let first = settled[group] else { return nil }
        return LinkedEntry(first.path, first.identity, below: target)
    }
}

/// Hold of an entry that was restored before, by its inode.
struct LinkedEntry: ~Copyable {
    let handle: EntryHandle

    /// Nil unless the path still leads to the entry, without links and without leaving the target.
    init?(_ path: TreePath, _ identity: EntryIdentity, below target: SharedFile) {
        guard let directory = Self.directory(path.components.dropLast(), below: target),
            let handle = try? directory.file.handle(of: path.name),
            let status = try? handle.status(), EntryIdentity(status) == identity
        else { return nil }
        self.handle = handle
    }

    /// Opens in steps that are shorter than the longest path of the kernel.
    private static func directory(
        _ names: ArraySlice<[UInt8]>, below target: SharedFile
    ) -> SharedFile? {
        var directory = target
        var step: [UInt8] = []
        for (index, name) in names.enumerated() {
            step += (step.isEmpty ? [] : [UInt8(ascii: "/")]) + name
            guard step.count > 2048 || index == names.count - 1 else { continue }
            guard let next = try? directory.file.openDirectory(below: step) else { return nil }
            directory = SharedFile(next)
            step = []
        }
        return directory
    }
}
