import Glibc
import VarveFormat
import VarveRepository
import VarveSystem

extension TreeWalk {
    /// A directory whose entries were taken, and those of its directories that are still to be walked.
    private struct Frame {
        let directory: PendingDirectory
        var children: ArraySlice<Child>
        /// Where the records of its directories start in the parent's stat list.
        var start: Int?
    }

    /// Walks a directory of which everything belongs to the snapshot, with a stack of its own, so that no
    /// depth exhausts the thread's.
    func walk(
        _ directory: PendingDirectory, _ handle: SharedFile, _ sources: SourceTree,
        _ place: ParentTree.Place?
    ) throws {
        var path = try DirectoryPath(handle)
        var isLost = false
        var stack = [try list(directory, handle, sources, place)]
        while let top = stack.indices.last {
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            if let child = stack[top].children.popFirst() {
                if passOver(child) { continue }
                if child.entry.status == nil {
                    let place = child.place(stack[top].start)
                    try walk(above: child.directory, nil, child.sources, place)
                    continue
                }
                guard try enter(child, &path, isLost: isLost) else { continue }
                stack.append(
                    try list(
                        child.directory, path.current, child.sources,
                        child.place(stack[top].start)))
                continue
            }
            let left = stack.removeLast().directory
            guard !stack.isEmpty, !isLost else { continue }
            do throws(SystemError) {
                try path.leave()
            } catch {
                // What is left of the directories above cannot be reached.
                isLost = true
                observer(
                    .failed(
                        path: RawText.text(left.path), reason: "it was moved while it was read"))
            }
        }
    }

    /// Opens a directory; one that cannot be opened, or is not wanted, stays without what is in it.
    private func enter(
        _ child: Child, _ path: inout DirectoryPath, isLost: Bool
    ) throws -> Bool {
        if !child.entry.isClosed {
            do throws(SystemError) {
                guard !isLost else {
                    throw SystemError(.openDirectory, "", errno: ESTALE)
                }
                try path.enter(child.name)
                return true
            } catch {
                let shown = RawText.text(child.directory.path)
                observer(.unreadable(shown, error))
            }
        }
        child.directory.markPartial()
        try end(Listing(directory: child.directory, handle: nil, sources: child.sources))
        return false
    }

    /// Takes all entries of a directory that are wanted.
    private func list(
        _ directory: PendingDirectory, _ handle: SharedFile, _ sources: SourceTree,
        _ place: ParentTree.Place?
    ) throws -> Frame {
        var sources = sources
        var cursor = place.map(ParentCursor.init)
        let names = try self.names(of: directory, handle, &sources)
        var listing = Listing(directory: directory, handle: handle, sources: sources)
        listing.databases = databases(among: names, handle, sources)
        let path = options.excludes.isEmpty ? [] : directory.path
        for start in stride(from: 0, to: names.count, by: TakingLimits.sliceEntries) {
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            let range = start..<min(start + TakingLimits.sliceEntries, names.count)
            let statuses = SliceStatuses(handle, names, range)
            if range.count >= TakingLimits.statusesShared { pipeline.offer(.statuses(statuses)) }
            var status = StatusCursor(statuses)
            var entries: [Entry] = []
            entries.reserveCapacity(range.count)
            for index in range {
                let name = names[index]
                let entry = try entry(
                    name, status.status(at: index, name), of: listing, at: path, handle, &cursor)
                if let entry { entries.append(entry) }
            }
            try take(entries, &listing)
        }
        try end(listing)
        var frame = Frame(directory: directory, children: listing.children[...])
        if !listing.children.isEmpty, cursor != nil {
            frame.start = try streams.withWriter { _, reader in try cursor?.end(&reader) } ?? nil
        }
        return frame
    }

    private func databases(
        among names: EntryNames, _ handle: SharedFile, _ sources: SourceTree
    ) -> SQLiteNames {
        var databases =
            options.databases == nil ? SQLiteNames() : SQLiteNames(names, in: handle)
        for (name, child) in sources.children {
            if let number = child.virtual { databases.add(name, trees[number].companions) }
        }
        return databases
    }

    /// A directory above the sources: only what leads to one of them belongs to the snapshot.
    func walk(
        above directory: PendingDirectory, _ handle: SharedFile?, _ sources: SourceTree,
        _ place: ParentTree.Place?
    ) throws {
        if sources.hasPaths { directory.markPartial() }
        var listing = Listing(directory: directory, handle: handle, sources: sources)
        if let handle {
            let names = EntryNames(sources.children.keys)
            listing.databases = databases(among: names, handle, sources)
        }
        var cursor = place.map(ParentCursor.init)
        var entries: [Entry] = []
        for (name, tree) in sources.children.sorted(by: {
            $0.key.lexicographicallyPrecedes($1.key)
        }) {
            guard let entry = try sourceEntry(name, tree, listing, &cursor) else { continue }
            entries.append(entry)
        }
        try take(entries, &listing)
        try end(listing)
        let start = try streams.withWriter { _, reader in try cursor?.end(&reader) } ?? nil
        for child in listing.children where !passOver(child) {
            let tree = child.sources
            let path = child.directory.path
            let opened: SharedFile?
            do throws(SystemError) {
                opened = tree.hasPaths ? SharedFile(try File.openDirectory(path)) : nil
            } catch {
                if tree.isSource {
                    try fail(
                        .unreadableSource(
                            path: RawText.text(path), reason: error.reason))
                    child.directory.markPartial()
                    try end(
                        Listing(directory: child.directory, handle: nil, sources: tree))
                    continue
                }
                opened = nil
            }
            let place = child.place(start)
            if tree.isSource, let opened {
                try walk(child.directory, opened, tree, place)
            } else {
                try walk(above: child.directory, opened, tree, place)
            }
        }
    }
}
