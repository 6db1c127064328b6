import VarveFormat
import VarveRepository
import VarveSystem

/// Files, links and special files, in the directory that is being restored.
extension RestoreRun {
    /// Makes an entry that is no directory; a file is only gathered, and a further name of a file waits
    /// for it.
    func make(
        _ node: Node, in directory: RestoredDirectory, _ reader: inout ChunkReader
    ) throws {
        if let group = node.hardLinkGroup, links.knows(group), !context.isReadingBack {
            return links.wait(node, in: directory)
        }
        try makeFirst(node, in: directory, &reader)
    }

    private func makeFirst(
        _ node: Node, in directory: RestoredDirectory, _ reader: inout ChunkReader
    ) throws {
        guard node.kind == .file else { return try makeSpecial(node, in: directory) }
        context.companions.note(node.name, below: directory.path)
        let file = RestoredFile(node, in: directory, owner: owners.owner(of: node), context)
        if let group = node.hardLinkGroup { links.begin(group, with: file) }
        try gather(file, &reader)
    }

    private func makeSpecial(_ node: Node, in directory: RestoredDirectory) throws {
        let path = TreePath(node.name, below: directory.path)
        let entry = RestoredEntry(node, in: directory, owner: owners.owner(of: node), context)
        do throws(SystemError) {
            guard let done = try entry.restore() else { return }
            if let group = node.hardLinkGroup, done.action != .left {
                links.settle(group, node, path, done.identity)
            }
            if done.action != .left { notes.count { $0.others += 1 } }
            notes.did(done.action, path)
        } catch {
            try fail(path, error)
        }
    }

    /// Asks for all chunks of a file; a long one fills several windows.
    private func gather(_ file: RestoredFile, _ reader: inout ChunkReader) throws {
        window.add(file)
        do {
            var chunks = ContentCursor(file.node.content ?? .empty)
            var offset = 0
            while let entry = try chunks.next(&reader) {
                if window.isFull {
                    try writeWindow()
                    // Nothing that comes could change what became of it.
                    guard file.isOpenToMore else { break }
                    window.add(file)
                }
                window.add(entry, at: offset)
                offset += entry.bytes
            }
            file.expectNoMore()
        } catch let error as RepositoryError {
            guard case .damaged = error else { throw error }
            if file.giveUpOnce() { notes.damaged(file.path.bytes, error) }
        }
        if window.isFull { try writeWindow() }
    }

    private func writeWindow() throws {
        guard !window.isEmpty else { return }
        let full = window
        window = RestoreWindow(context.window)
        hasWritten = true
        try full.write(repository, context, progress)
        for file in full.files where file.plan == .again { again.append(file) }
    }

    /// Restores all that is gathered or waits, also in second tries, and finishes directories.
    func flush(_ reader: inout ChunkReader) throws {
        while !window.isEmpty || !again.isEmpty || links.waiting > 0 {
            try writeWindow()
            for file in takeAgain() {
                let next = RestoredFile(again: file)
                if let group = file.node.hardLinkGroup { links.begin(group, with: next) }
                try gather(next, &reader)
            }
            try writeWindow()
            links.settlePending()
            while let member = links.popReady() { try link(member, &reader) }
            links.endRound()
        }
        try finishDirectories()
        directoriesHeld = 0
        for index in levels.indices.suffix(1) { levels[index].directory = nil }
    }

    private func takeAgain() -> [RestoredFile] {
        defer { again = [] }
        return again
    }

    /// Makes a further name of a file, or a file of its own where that cannot be.
    private func link(_ member: RestoreLinks.Member, _ reader: inout ChunkReader) throws {
        if let group = member.node.hardLinkGroup, !links.agrees(member.node, with: group) {
            var node = member.node
            node.hardLinkGroup = nil
            return try makeFirst(node, in: member.directory, &reader)
        }
        if let group = member.node.hardLinkGroup, links.isPlanned(group) {
            return try planLink(member)
        }
        guard let group = member.node.hardLinkGroup, let target,
            let first = links.first(of: group, below: target)
        else {
            // The first failed, or is gone. Another one may be on its way by now.
            if let group = member.node.hardLinkGroup { links.forget(group) }
            return try make(member.node, in: member.directory, &reader)
        }
        let path = TreePath(member.node.name, below: member.directory.path)
        let entry = RestoredEntry(member.node, in: member.directory, owner: nil, context)
        let action: RestoreAction?
        do throws(SystemError) {
            action = try entry.link(to: first)
        } catch {
            return try fail(path, error)
        }
        if let action { return report(action, member.node, path) }
        try makeFirst(member.node, in: member.directory, &reader)
    }

    /// In a dry run, for a first member that would be made.
    private func planLink(_ member: RestoreLinks.Member) throws {
        let path = TreePath(member.node.name, below: member.directory.path)
        let entry = RestoredEntry(member.node, in: member.directory, owner: nil, context)
        do throws(SystemError) {
            report(try entry.plannedLink(to: nil).action, member.node, path)
        } catch {
            try fail(path, error)
        }
    }

    private func report(_ action: RestoreAction, _ node: Node, _ path: TreePath) {
        guard node.kind == .file else {
            if action != .left { notes.count { $0.others += 1 } }
            return notes.did(action, path)
        }
        notes.didLink(action, path, bytes: node.size)
        progress.add(files: 1, bytes: action == .left ? 0 : node.size)
    }
}
