import VarveFormat
import VarveRepository
import VarveSystem

/// Entries that are one file: the first that is restored, and those that become further names of it.
struct RestoreLinks {
    /// The entry that the others of a group are linked to. There may be millions of groups.
    private struct First {
        /// Of what its node says of the file.
        var digest: ChunkID
        var path: TreePath
        /// Nil when it would be there after a run that is not dry.
        var identity: EntryIdentity?
    }

    /// A further member that waits until the first is settled.
    struct Member {
        var node: Node
        var directory: RestoredDirectory
    }

    private var settled: [Int: First] = [:]
    private var pending: [Int: RestoredFile] = [:]
    private var members: [Int: ArraySlice<Member>] = [:]
    /// The groups that have members here, in order; those that this round is through with.
    private var groups: ArraySlice<Int> = []
    private var passed: [Int] = []
    /// How many members wait.
    private(set) var waiting = 0

    /// Whether some member of the group was or is being restored.
    func knows(_ group: Int) -> Bool { settled[group] != nil || pending[group] != nil }

    /// `file` is the first of its group, if it succeeds.
    mutating func begin(_ group: Int, with file: RestoredFile) { pending[group] = file }

    /// The first of a group is there, or would be.
    mutating func settle(
        _ group: Int, _ node: Node, _ path: TreePath, _ identity: EntryIdentity?
    ) {
        settled[group] = First(digest: Self.digest(node), path: path, identity: identity)
    }

    /// Whether a member of a group says the same of the file as the first did. If not, the snapshot is
    /// not sound, and the member must get the content that it names.
    func agrees(_ node: Node, with group: Int) -> Bool {
        settled[group].map { $0.digest == Self.digest(node) } ?? true
    }

    private static func digest(_ node: Node) -> ChunkID {
        var file = Node(kind: node.kind, name: [])
        (file.content, file.holes) = (node.content, node.holes)
        (file.target, file.device) = (node.target, node.device)
        var writer = ByteWriter()
        file.encode(into: &writer)
        return writer.bytes.withUnsafeBytes { ChunkID(digestOf: $0) }
    }

    /// Whether the first of a group would be there after a run that is not dry.
    func isPlanned(_ group: Int) -> Bool {
        settled[group].map { $0.identity == nil } ?? false
    }

    mutating func forget(_ group: Int) { settled[group] = nil }

    mutating func wait(_ node: Node, in directory: RestoredDirectory) {
        guard let group = node.hardLinkGroup else { return }
        if members[group] == nil { groups.append(group) }
        members[group, default: []].append(Member(node: node, directory: directory))
        waiting += 1
    }

    /// A member whose first is settled, or which is to be tried as the first; nil when all wait for files
    /// that are gathered.
    mutating func popReady() -> Member? {
        while let group = groups.first {
            if pending[group] == nil, let member = members[group]?.popFirst() {
                waiting -= 1
                return member
            }
            groups.removeFirst()
            if members[group]?.isEmpty == true {
                members[group] = nil
            } else {
                passed.append(group)
            }
        }
        return nil
    }

    /// The next call of `popReady` begins with the first group again.
    mutating func endRound() {
        groups = passed[...] + groups
        passed = []
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
        guard let first = settled[group], let identity = first.identity else { return nil }
        return LinkedEntry(first.path, identity, below: target)
    }
}

/// Hold of an entry that was restored before, by its inode.
struct LinkedEntry: ~Copyable {
    let handle: EntryHandle

    /// Nil unless the path still leads to the entry, without links and without leaving the target.
    init?(_ path: TreePath, _ identity: EntryIdentity, below target: SharedFile) {
        let names = path.components.dropLast()
        var opened: [(directory: SharedFile, mode: UInt32)] = []
        defer {
            for item in opened.reversed() { try? item.directory.file.setMode(item.mode) }
        }
        guard
            let directory = Self.directory(names, below: target)
                ?? Self.directory(names, below: target, opening: &opened),
            let handle = try? directory.file.handle(of: path.name),
            let status = try? handle.status(), EntryIdentity(status) == identity
        else { return nil }
        self.handle = handle
    }

    /// Opens one by one, with the right of their owner for the moment, what that one has shut.
    private static func directory(
        _ names: ArraySlice<[UInt8]>, below target: SharedFile,
        opening opened: inout [(directory: SharedFile, mode: UInt32)]
    ) -> SharedFile? {
        guard Accounts.currentUser != 0 else { return nil }
        var directory = target
        for name in names {
            let above = directory
            let mode = (try? above.file.makeAccessible(name)) ?? nil
            guard let next = try? above.file.openDirectory(name) else {
                if let mode { try? above.file.handle(of: name).setMode(mode) }
                return nil
            }
            directory = SharedFile(next)
            if let mode { opened.append((directory, mode)) }
        }
        return directory
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
