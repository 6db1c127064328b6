import Glibc
import VarveFormat
import VarveSystem

/// Removes what the snapshot does not have.
struct RestoreDeletion: Sendable {
    private let selection: RestoreSelection
    private let dryRun: Bool
    private let notes: RestoreNotes
    /// What is varve's own: it is no part of any snapshot, and yet no stranger.
    private let own: Set<EntryIdentity>
    private let ownInodes: Set<UInt64>
    /// Whether somebody asked for the end.
    let isInterrupted: @Sendable () -> Bool

    init(_ selection: RestoreSelection, _ options: RestoreOptions, _ notes: RestoreNotes) {
        self.selection = selection
        dryRun = options.dryRun
        self.notes = notes
        own = options.deletes ? Set(EntryIdentity.of(options.ownPaths).keys) : []
        ownInodes = Set(own.map(\.inode))
        isInterrupted = options.isInterrupted
    }

    /// Whether an entry is varve's own, which is said once.
    func isOwn(_ status: FileStatus) -> Bool {
        guard own.contains(EntryIdentity(status)) else { return false }
        notes.keep("varve's own repository, keys, state and cache")
        return true
    }

    /// Whether a directory is mounted into the one above, which is said once. A snapshot may have
    /// nothing of what is in it, and yet have the directory.
    func isForeign(_ directory: FileStatus, below device: UInt64) -> Bool {
        guard Self.isMounted(directory, below: device) else { return false }
        notes.keep("what is mounted below a source")
        return true
    }

    private static func isMounted(_ directory: FileStatus, below device: UInt64) -> Bool {
        directory.isMountRoot || directory.device != device
    }

    /// A directory on the way through a tree that is removed.
    private struct Level {
        var name: [UInt8]
        var entries: [DirectoryEntry]
        var pathBytes: Int
        var isIncluded: Bool
        /// Whether something in it stays, and so it does.
        var keeps = false
        /// The mode that it had before it was opened for the time of this.
        var shutMode: UInt32?
    }

    /// Removes a directory whose name another kind of entry is to get; ENOTEMPTY when there is
    /// something in it that may not be removed.
    func makeWay(
        for name: [UInt8], in parent: SharedFile, _ directory: RestoredDirectory, _ path: TreePath
    ) throws(SystemError) {
        if directory.traits.deletes {
            remove(name, in: parent, below: path, isIncluded: directory.traits.isIncluded)
            if dryRun { return }
        }
        if dryRun {
            let shutMode = try parent.file.makeAccessible(name)
            defer { if let shutMode { try? parent.file.handle(of: name).setMode(shutMode) } }
            let isEmpty = try parent.file.openDirectory(name).entries().isEmpty
            guard isEmpty else {
                throw SystemError(.removeDirectory, parent.file.path(of: name), errno: ENOTEMPTY)
            }
            return
        }
        do throws(SystemError) {
            try parent.file.removeDirectory(name)
        } catch  where error.isMissing {}
    }

    /// Removes an entry of `parent` with all that is in it, as far as it is selected; what cannot be
    /// removed is noted. Never follows a link nor leaves the file system.
    func remove(_ name: [UInt8], in parent: SharedFile, below path: TreePath, isIncluded: Bool) {
        do throws(SystemError) {
            let status = try parent.file.status(of: name)
            let entry = DirectoryEntry(name: name, kind: status.kind, inode: status.inode)
            var directories = try DirectoryPath(parent, openMax: RestoreLimits.directoriesOpen)
            try removeAll(entry, through: &directories, path.bytes, isIncluded: isIncluded)
        } catch  where error.isMissing || error.errno == EINTR && isInterrupted() {
            // Somebody else was faster, or wants it to end.
        } catch {
            notes.fail(path.bytes + [UInt8(ascii: "/")] + name, error.description)
        }
    }

    private func removeAll(
        _ first: DirectoryEntry, through directories: inout DirectoryPath, _ above: [UInt8],
        isIncluded: Bool
    ) throws(SystemError) {
        var path = above
        var levels = [
            Level(
                name: [], entries: [first], pathBytes: path.count, isIncluded: isIncluded)
        ]
        do throws(SystemError) {
            try removeAll(through: &directories, &path, &levels)
        } catch {
            while let level = levels.popLast(), directories.depth == levels.count, !levels.isEmpty {
                let directory = directories.current
                defer { if let mode = level.shutMode { try? directory.file.setMode(mode) } }
                guard (try? directories.leave()) != nil else { break }
            }
            throw error
        }
    }

    private func removeAll(
        through directories: inout DirectoryPath, _ path: inout [UInt8], _ levels: inout [Level]
    ) throws(SystemError) {
        while let top = levels.indices.last {
            if let entry = levels[top].entries.popLast() {
                try take(entry, through: &directories, &path, &levels)
                continue
            }
            let level = levels.removeLast()
            guard let above = levels.indices.last else { return }
            let directory = directories.current
            try directories.leave()
            let stays =
                level.keeps || !level.isIncluded
                || !remove(level.name, path, in: directories.current, isDirectory: true)
            levels[above].keeps = levels[above].keeps || stays
            if stays || dryRun, let mode = level.shutMode { try? directory.file.setMode(mode) }
            path.removeLast(path.count - levels[above].pathBytes)
        }
    }

    private func take(
        _ entry: DirectoryEntry, through directories: inout DirectoryPath, _ path: inout [UInt8],
        _ levels: inout [Level]
    ) throws(SystemError) {
        let top = levels.count - 1
        if isInterrupted() {
            throw SystemError(.remove, TreePath.text(path), errno: EINTR)
        }
        path += [UInt8(ascii: "/")] + entry.name
        let absolute = selection.isEverything ? [] : selection.absolute(path)
        let isExcluded = !selection.isEverything && selection.excludes(absolute)
        let isIncluded =
            levels[top].isIncluded || !selection.isEverything && selection.includes(absolute)
        if !isExcluded, try isDirectory(entry, in: directories.current) {
            if var level = try enter(entry.name, &directories, path) {
                level.isIncluded = isIncluded
                levels.append(level)
                return
            }
            levels[top].keeps = true
        } else if isExcluded || !isIncluded
            || isOwn(entry, in: directories.current)
            || !remove(entry.name, path, in: directories.current, isDirectory: false)
        {
            levels[top].keeps = true
        }
        path.removeLast(path.count - levels[top].pathBytes)
    }

    private func isOwn(_ entry: DirectoryEntry, in directory: SharedFile) -> Bool {
        guard ownInodes.contains(entry.inode),
            let status = try? directory.file.status(of: entry.name)
        else { return false }
        return isOwn(status)
    }

    private func isDirectory(
        _ entry: DirectoryEntry, in directory: SharedFile
    ) throws(SystemError) -> Bool {
        guard entry.kind == .unknown else { return entry.kind == .directory }
        return try directory.file.status(of: entry.name).kind == .directory
    }

    /// Nil when the directory is mounted there or varve's own, or cannot be opened: it stays.
    private func enter(
        _ name: [UInt8], _ directories: inout DirectoryPath, _ path: [UInt8]
    ) throws(SystemError) -> Level? {
        let above = directories.current
        let device = try above.file.status().device
        var shutMode: UInt32?
        let status: FileStatus
        do throws(SystemError) {
            shutMode = try above.file.makeAccessible(name)
            status = try directories.enter(name)
        } catch {
            if let shutMode { try? above.file.handle(of: name).setMode(shutMode) }
            notes.fail(path, error.description)
            return nil
        }
        let directory = directories.current
        if let entries = contents(of: directory, status, below: device, path) {
            return Level(
                name: name, entries: entries, pathBytes: path.count, isIncluded: false,
                shutMode: shutMode)
        }
        if let shutMode { try? directory.file.setMode(shutMode) }
        try directories.leave()
        return nil
    }

    /// What lies in a directory that was entered; nil when it stays.
    private func contents(
        of directory: SharedFile, _ status: FileStatus, below device: UInt64, _ path: [UInt8]
    ) -> [DirectoryEntry]? {
        if isOwn(status) { return nil }
        guard !Self.isMounted(status, below: device) else {
            notes.fail(path, "something is mounted there, so it was not removed")
            return nil
        }
        do throws(SystemError) {
            return try directory.file.entries()
        } catch {
            notes.fail(path, error.description)
            return nil
        }
    }

    /// False, and noted, when it could not be removed.
    private func remove(
        _ name: [UInt8], _ path: [UInt8], in directory: SharedFile, isDirectory: Bool
    ) -> Bool {
        do throws(SystemError) {
            if !dryRun {
                if isDirectory {
                    try directory.file.removeDirectory(name)
                } else {
                    try directory.file.remove(name)
                }
            }
            notes.deleted(path)
            return true
        } catch  where error.isMissing {
            return true
        } catch {
            notes.fail(path, error.description)
            return false
        }
    }
}

extension File {
    /// Lets the owner into a directory that shut itself to all; the mode that it had, or nil when there was
    /// nothing to do, or nothing to be done without root's or the owner's rights.
    func makeAccessible(_ name: [UInt8]) throws(SystemError) -> UInt32? {
        guard Accounts.currentUser != 0 else { return nil }
        let entry = try handle(of: name)
        let status = try entry.status()
        guard status.isShutToOwner else { return nil }
        try entry.setMode(status.mode | S_IRWXU)
        return status.mode
    }

    /// The same for this directory, whose status is given; whether there was something to do.
    func makeAccessible(_ status: FileStatus) throws(SystemError) -> Bool {
        guard Accounts.currentUser != 0, status.isShutToOwner else { return false }
        try setMode(status.mode | S_IRWXU)
        return true
    }
}

extension FileStatus {
    fileprivate var isShutToOwner: Bool {
        kind == .directory && uid == Accounts.currentUser && mode & S_IRWXU != S_IRWXU
    }
}
