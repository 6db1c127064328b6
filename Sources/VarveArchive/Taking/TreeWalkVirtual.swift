import VarveFormat
import VarveRepository
import VarveSystem

extension TreeWalk {
    /// The place of a virtual tree; `isTaken` says that something of this machine lies there.
    func virtualEntry(
        _ name: [UInt8], _ number: Int, _ isTaken: Bool, _ shown: String,
        _ cursor: inout ParentCursor?
    ) throws -> Entry? {
        let tree = trees[number]
        if isTaken, !tree.standsForPath {
            let other = tree.source.displayName
            observer(
                .failed(
                    path: shown, reason: "\(other) lies there in the snapshot, so it is left out"))
        }
        let kind: Node.Kind = tree.isDirectory ? .directory : .file
        var entry = try ownEntry(name, kind, &cursor)
        entry.virtual = number
        return entry
    }

    /// A directory that only leads to virtual trees, and is not on this machine.
    func passage(to name: [UInt8], _ cursor: inout ParentCursor?) throws -> Entry {
        try ownEntry(name, .directory, &cursor)
    }

    private func ownEntry(
        _ name: [UInt8], _ kind: Node.Kind, _ cursor: inout ParentCursor?
    ) throws -> Entry {
        var entry = Entry(node: Node(kind: kind, name: name))
        entry.node.mode = kind == .directory ? 0o700 : 0o600
        entry.node.uid = Accounts.currentUser
        entry.node.user = Array(options.user.utf8)
        entry.node.modified = options.time
        entry.node.content = .empty
        if let found = try found(name, &cursor), found.node.kind == kind {
            entry.before = found.node.content
            entry.offset = found.offset
        }
        return entry
    }

    /// Characters of a failure that the manifest keeps.
    private static let reasonMax = 500

    /// Reads a virtual tree into its place: how many entries it has; nil, and told, when it failed.
    func readVirtual(
        _ number: Int, _ file: FileBatch.File, _ slice: PendingSlice
    ) throws -> Int? {
        do {
            let outcome = try VirtualTreeRun.read(
                trees[number], before: file.parent, options, pipeline, session, streams)
            counts.add(outcome.counts)
            anchors[number] = outcome.anchors
            try complete(slice, file, outcome.node)
            return outcome.node.entriesBelow
        } catch let failure as VirtualTreeRun.SourceFailure {
            try fail(trees[number], failure.error)
            slice.directory.markPartial()
            anchors[number] = ["failed": String("\(failure.error)".prefix(Self.reasonMax))]
            try complete(slice, file, nil)
            return nil
        }
    }

    private func fail(_ tree: any VirtualTree, _ error: any Error) throws {
        let name = tree.source.displayName
        // A stream alone is what the whole snapshot is of, so its own error says most.
        let isStream = tree is StreamTree
        try fail(isStream ? error : ArchiveError.failedSource(name: name, reason: "\(error)")) {
            .failed(path: name, reason: "\(error)")
        }
    }

    /// A path that is a source cannot be read.
    func fail(_ error: ArchiveError) throws {
        try fail(error) {
            switch error {
            case .missingSource(let path): .failed(path: path, reason: "it does not exist")
            case .unreadableSource(let path, let reason): .failed(path: path, reason: reason)
            default: throw error
            }
        }
    }

    /// A source cannot be read: the others are taken, if there are any.
    private func fail(_ error: any Error, _ event: () throws -> ArchiveEvent) throws {
        sourcesFailed += 1
        guard sourcesFailed < sourceCount else { throw error }
        observer(try event())
    }
}
