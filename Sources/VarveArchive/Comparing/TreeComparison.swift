public import VarveFormat
public import VarveRepository
import VarveSystem

/// A snapshot's directory, or a file in it, that is compared with another one.
public struct ComparedTree: Sendable {
    /// Where it lies in the snapshot; empty for the root.
    public let path: [UInt8]
    /// Nil for the root.
    let node: Node?
    let content: Content

    /// The node at `path` of a snapshot; throws `.notFound`.
    public init(
        _ entry: RepositoryState.SnapshotEntry, _ path: [[UInt8]], of repository: Repository
    ) throws {
        var tree = try SnapshotTree(repository, entry)
        node = try tree.find(path)
        content = tree.content(of: node)
        self.path = path.flatMap { [UInt8(ascii: "/")] + $0 }
    }

    var isDirectory: Bool { node.map { $0.kind == .directory } ?? true }
}

/// Compares two trees of one repository; what both hold alike is not read.
public func compare(
    _ old: ComparedTree, _ new: ComparedTree, of repository: Repository
) throws -> ComparisonReport {
    var comparison = try TreeComparison(repository)
    if old.isDirectory, new.isDirectory {
        try comparison.walk(old, new)
    } else if let before = old.node, let after = new.node {
        try comparison.compare(before, with: after, at: { new.path })
    } else {
        throw RepositoryError.notFound("a directory and a file have nothing to compare")
    }
    try comparison.expand()
    return try comparison.finish()
}

/// The walk over two trees side by side.
struct TreeComparison: ~Copyable {
    private let repository: Repository
    private var reader: ChunkReader
    var changes: [TreeChange] = []
    private var issues: [Issue] = []
    private var chunks = ChunkTally()
    private var metadata = ChunkTally()
    private var stack: [Level] = []

    /// Two directories of the same path below the roots.
    private struct Level {
        var old: Side
        var new: Side
    }

    /// One of them.
    private struct Side {
        var cursor: DirectoryCursor
        /// The next node, if it was taken out of the cursor.
        var ahead: Node?
        let path: TreePath

        var isAtPiece: Bool { ahead == nil && cursor.isBetweenPieces }

        mutating func peek(_ reader: inout ChunkReader) throws -> Node? {
            if ahead == nil { ahead = try cursor.next(&reader) }
            return ahead
        }
    }

    init(_ repository: Repository) throws {
        let reader = try ChunkReader(repository)
        self.repository = repository
        self.reader = reader
    }

    mutating func walk(_ old: ComparedTree, _ new: ComparedTree) throws {
        if let before = old.node, let after = new.node, !before.hasMetadata(of: after) {
            changes.append(TreeChange(.metadata, new.path, old: before, new: after))
        }
        try enter(old.content, TreePath.of(old.path), new.content, TreePath.of(new.path))
        // A stack of its own, so that no depth of stored directories exhausts the thread's.
        while !stack.isEmpty {
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            let (path, depth) = (stack[stack.count - 1].new.path, stack.count)
            var isWhole = false
            try pastDamage(path.bytes) { comparison in
                try comparison.step()
                isWhole = true
            }
            // What is behind the damage in a directory is not known.
            if !isWhole { stack.removeLast(stack.count - depth + 1) }
        }
    }

    mutating func add(_ change: TreeChange) { changes.append(change) }

    mutating func note(_ path: [UInt8], _ error: RepositoryError) {
        issues.append(Issue(path: TreePath.text(path), reason: error.description))
    }

    /// Begins with two directories, unless they are the same.
    private mutating func enter(
        _ old: Content, _ oldPath: TreePath, _ new: Content, _ newPath: TreePath
    ) throws {
        guard old != new else { return }
        let difference = try ContentDifference(old, new, &reader)
        for piece in difference.removed { metadata.add(piece.id, bytes: 0, to: .old) }
        for piece in difference.added { metadata.add(piece.id, bytes: 0, to: .new) }
        note(lists: difference)
        stack.append(
            Level(
                old: Side(cursor: DirectoryCursor(old), path: oldPath),
                new: Side(cursor: DirectoryCursor(new), path: newPath)))
    }

    private mutating func note(lists difference: ContentDifference) {
        for id in difference.removedLists { metadata.add(id, bytes: 0, to: .old) }
        for id in difference.addedLists { metadata.add(id, bytes: 0, to: .new) }
    }

    /// Takes the next name that one of the two directories on top has.
    private mutating func step() throws {
        let top = stack.count - 1
        let (isOldAtPiece, isNewAtPiece) = (stack[top].old.isAtPiece, stack[top].new.isAtPiece)
        var next = (old: true, new: true)
        if isOldAtPiece || isNewAtPiece,
            let piece = try stack[top].old.cursor.pieceAhead(&reader),
            try stack[top].new.cursor.pieceAhead(&reader) == piece
        {
            if isOldAtPiece, isNewAtPiece {
                stack[top].old.cursor.skipPiece()
                stack[top].new.cursor.skipPiece()
                return
            }
            // What stands before a piece that both have is only in one of them.
            next = (!isOldAtPiece, !isNewAtPiece)
        }
        let old = next.old ? try stack[top].old.peek(&reader) : nil
        let new = next.new ? try stack[top].new.peek(&reader) : nil
        try take(old, new, of: top)
    }

    private mutating func take(_ old: Node?, _ new: Node?, of top: Int) throws {
        guard old != nil || new != nil else {
            stack.removeLast()
            return
        }
        if let old, new.map({ old.name.lexicographicallyPrecedes($0.name) }) ?? true {
            stack[top].old.ahead = nil
            let path = stack[top].old.path.bytes(of: old.name)
            changes.append(TreeChange(.removed, path, old: old))
        } else if let new, old.map({ new.name.lexicographicallyPrecedes($0.name) }) ?? true {
            stack[top].new.ahead = nil
            let path = stack[top].new.path.bytes(of: new.name)
            changes.append(TreeChange(.added, path, new: new))
        } else if let old, let new {
            (stack[top].old.ahead, stack[top].new.ahead) = (nil, nil)
            let paths = (
                TreePath(old.name, below: stack[top].old.path),
                TreePath(new.name, below: stack[top].new.path)
            )
            try compare(old, paths.0, with: new, paths.1)
        }
    }

    private mutating func compare(
        _ old: Node, _ oldPath: TreePath, with new: Node, _ newPath: TreePath
    ) throws {
        guard old != new else { return }
        try compare(old, with: new, at: { newPath.bytes })
        if old.kind == .directory, new.kind == .directory {
            try pastDamage(newPath.bytes) { comparison in
                try comparison.enter(
                    old.content ?? .empty, oldPath, new.content ?? .empty, newPath)
            }
        }
    }

    /// Runs `body`, and takes note of damage that it meets.
    private mutating func pastDamage(
        _ path: @autoclosure () -> [UInt8], _ body: (inout TreeComparison) throws -> Void
    ) throws {
        do {
            try body(&self)
        } catch let error as RepositoryError {
            guard case .damaged = error else { throw error }
            note(path(), error)
        }
    }

    /// Compares two entries, but not what is in directories.
    mutating func compare(
        _ old: Node, with new: Node, at path: () -> [UInt8]
    ) throws {
        guard old.kind == new.kind else {
            changes.append(TreeChange(.type, path(), old: old, new: new))
            return
        }
        guard old.hasContent(of: new) else {
            var change = TreeChange(.content, path(), old: old, new: new)
            try pastDamage(change.path) { comparison in
                let difference = try ContentDifference(
                    old.content ?? .empty, new.content ?? .empty, &comparison.reader)
                (change.bytesAdded, change.bytesRemoved) = (
                    difference.bytesAdded, difference.bytesRemoved
                )
                comparison.add(difference)
            }
            changes.append(change)
            return
        }
        guard !old.hasMetadata(of: new) else { return }
        changes.append(TreeChange(.metadata, path(), old: old, new: new))
    }

    private mutating func add(_ difference: ContentDifference) {
        for chunk in difference.removed { chunks.add(chunk.id, bytes: chunk.bytes, to: .old) }
        for chunk in difference.added { chunks.add(chunk.id, bytes: chunk.bytes, to: .new) }
        note(lists: difference)
    }
}

extension TreeComparison {
    /// Pairs directories that were moved, and adds what is in the others that only one side has.
    mutating func expand() throws {
        changes = MovePairing.paired(changes) { $0.kind == .directory && $0.entriesBelow > 0 }
        for change in changes {
            guard [.added, .removed, .type].contains(change.kind) else { continue }
            try expand(change.old, .removed, at: change.path)
            try expand(change.new, .added, at: change.path)
        }
    }

    /// Pairs files that were moved, and adds everything up; without measuring, what it costs in the
    /// repository is not said.
    mutating func finish(measuring: Bool = true) throws -> ComparisonReport {
        changes = MovePairing.paired(changes) { $0.kind == .file }
        for change in changes {
            switch change.kind {
            case .added, .removed, .type:
                try tally(change.old, .old, change.path)
                try tally(change.new, .new, change.path)
            case .content, .metadata, .moved: break
            }
        }
        var report = ComparisonReport()
        report.finish(changes)
        (report.bytesAdded, report.chunksAdded) = (chunks.added.bytes, chunks.added.chunks)
        (report.bytesRemoved, report.chunksRemoved) = (chunks.removed.bytes, chunks.removed.chunks)
        report.isUpperBound = chunks.isUpperBound
        if measuring, !chunks.isUpperBound, !metadata.isUpperBound {
            let added = chunks.addedIDs.union(metadata.addedIDs)
            try pastDamage(Array("the index".utf8)) { comparison in
                report.bytesStored = try comparison.repository.storedBytes(of: added)
            }
        }
        report.issues = issues
        return report
    }

    private mutating func expand(
        _ node: Node?, _ kind: TreeChange.Kind, at path: [UInt8]
    ) throws {
        guard let node, node.kind == .directory, let content = node.content else { return }
        var (found, damaged): ([TreeChange], [([UInt8], RepositoryError)]) = ([], [])
        try reader.walk(content, path: path) { path, error in
            damaged.append((path, error))
        } _: { path, node, _ in
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            found.append(
                kind == .added
                    ? TreeChange(.added, path, new: node) : TreeChange(.removed, path, old: node))
            return true
        }
        changes += found
        for (path, error) in damaged { note(path, error) }
    }

    /// Counts all chunks of a file, or of a directory itself, on one side.
    private mutating func tally(
        _ node: Node?, _ side: ChunkTally.Side, _ path: [UInt8]
    ) throws {
        guard let node, let content = node.content else { return }
        try pastDamage(path) { comparison in
            let difference =
                side == .new
                ? try ContentDifference(.empty, content, &comparison.reader)
                : try ContentDifference(content, .empty, &comparison.reader)
            guard node.kind == .directory else { return comparison.add(difference) }
            for piece in side == .new ? difference.added : difference.removed {
                comparison.metadata.add(piece.id, bytes: 0, to: side)
            }
            comparison.note(lists: difference)
        }
    }
}
