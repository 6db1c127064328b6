import Glibc
import VarveFormat
import VarveRepository
import VarveSystem

/// Going into directories and out of them.
extension RestoreRun {
    func enter(_ node: Node, isIncluded: Bool, deletes: Bool) throws {
        if isIncluded {
            guard try resolveAll() else { return }
        }
        levels[levels.count - 1].directory = nil
        levels.append(
            Level(
                node: node, cursor: DirectoryCursor(node.content ?? .empty),
                path: TreePath(node.name, below: levels[levels.count - 1].path),
                isIncluded: isIncluded, deletes: deletes, isPartial: node.isPartial))
        // What is only on the way is made when something in it is selected; but there may be something
        // in it that is selected for removal.
        if isIncluded || deletes && resolved == levels.count - 1 && isThere(node) {
            _ = try resolveAll()
        }
    }

    private func isThere(_ node: Node) -> Bool {
        guard levels[levels.count - 2].isOpen, let parent = open?.current else { return false }
        return (try? parent.file.status(of: node.name))?.kind == .directory
    }

    /// The open directory, which must be that of the level; nil in a dry run without a target.
    private func current(at index: Int) throws(SystemError) -> SharedFile? {
        guard let depth = open?.depth, let directory = open?.current else { return nil }
        guard depth == index else {
            throw SystemError(.openDirectory, levels[index].path.text, errno: ESTALE)
        }
        return directory
    }

    /// Notes that something could not be made; throws when nothing else could be, either.
    func fail(_ path: TreePath, _ error: SystemError) throws {
        if error.isNoSpace {
            throw ArchiveError.target(path: path.text, reason: error.reason)
        }
        notes.fail(path, error)
    }

    /// The directory that is being restored; nil when it could not be made.
    func currentDirectory() throws -> RestoredDirectory? {
        guard try resolveAll() else { return nil }
        let top = levels.count - 1
        if let directory = levels[top].directory { return directory }
        guard let traits = levels[top].traits else { return nil }
        let directory = RestoredDirectory(
            levels[top].path, levels[top].isOpen ? try current(at: top) : nil, traits)
        levels[top].directory = directory
        directoriesHeld += 1
        return directory
    }

    /// Makes the directories on the way; when one cannot be made, it and those below are left out.
    private func resolveAll() throws -> Bool {
        while resolved < levels.count {
            let index = resolved
            do throws(SystemError) {
                guard try resolve(index) else {
                    levels.removeLast(levels.count - index)
                    return false
                }
                resolved += 1
            } catch {
                try fail(levels[index].path, error)
                levels.removeLast(levels.count - index)
                return false
            }
        }
        return true
    }

    /// Makes a directory, writable for us until it is filled, or opens the one that is there; false
    /// when the rule keeps something else in its place.
    private func resolve(_ index: Int) throws(SystemError) -> Bool {
        var level = levels[index]
        let above = levels[index - 1]
        guard above.isOpen, let parent = try current(at: index - 1) else {
            missing(&level)
            levels[index] = level
            return true
        }
        let name = level.path.name
        var existing = above.traits?.isNew == true ? nil : try parent.file.find(name)
        var isNew = false
        if let status = existing, status.kind != .directory {
            guard let node = level.node, context.mayReplace(status, by: node) else {
                notes.did(.left, level.path)
                return false
            }
            existing = nil
            if !context.dryRun {
                try replace(name, in: parent)
                isNew = true
            }
        }
        guard existing != nil || !context.dryRun else {
            missing(&level)
            levels[index] = level
            return true
        }
        if existing == nil, !isNew { isNew = try make(name, in: parent) }
        let shutMode = isNew ? nil : try parent.file.makeAccessible(name)
        level.wasShut = shutMode != nil
        let status: FileStatus
        do throws(SystemError) {
            guard let entered = try open?.enter(name) else { return false }
            status = entered
        } catch {
            if let shutMode { try? parent.file.handle(of: name).setMode(shutMode) }
            throw error
        }
        guard let directory = open?.current else { return false }
        level.before = isNew ? nil : existing ?? status
        do throws(SystemError) {
            if isNew {
                try made(&level, directory, status, below: above)
            } else {
                try found(&level, directory, status, below: above)
            }
        } catch {
            if let shutMode { try? directory.file.setMode(shutMode) }
            try open?.leave()
            throw error
        }
        notes.count { $0.directories += 1 }
        levels[index] = level
        return true
    }

    /// Puts a new directory in the place of another kind of entry, which goes only when there is one.
    private func replace(_ name: [UInt8], in parent: SharedFile) throws(SystemError) {
        let temporary = TemporaryName.make()
        try parent.file.makeDirectory(temporary, mode: 0o700)
        do throws(SystemError) {
            try parent.file.remove(name)
            try parent.file.rename(temporary, to: name)
        } catch {
            try? parent.file.removeDirectory(temporary)
            throw error
        }
    }

    private func make(_ name: [UInt8], in parent: SharedFile) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try parent.file.makeDirectory(name, mode: 0o700)
            return true
        } catch  where error.isTaken {
            return false
        }
    }

    /// The directory is a new one.
    private func made(
        _ level: inout Level, _ directory: SharedFile, _ status: FileStatus, below above: Level
    ) throws(SystemError) {
        level.isOpen = true
        level.device = status.device
        fileSystems[status.device] = fileSystems[status.device] ?? directory
        level.traits = RestoredDirectory.Traits(
            isNew: true, gid: status.gid, deletes: level.deletes, isIncluded: level.isIncluded)
        if above.traits?.givesList == true { try directory.file.removeInheritedLists() }
    }

    /// The directory was there: removes what a killed run left in it, and learns what it holds.
    func found(
        _ level: inout Level, _ directory: SharedFile, _ status: FileStatus, below above: Level?
    ) throws(SystemError) {
        level.device = status.device
        fileSystems[status.device] = fileSystems[status.device] ?? directory
        level.isSpared = isSpared(status, below: above)
        if level.isSpared { level.deletes = false }
        var traits = RestoredDirectory.Traits(
            isNew: false, gid: status.gid, deletes: level.deletes, isIncluded: level.isIncluded)
        traits.givesList = try directory.file.extendedAttributes().contains {
            $0.name.elementsEqual(File.defaultList.utf8)
        }
        level.traits = traits
        level.isOpen = true
        let entries = try directory.file.entries()
        for entry in entries
        where TemporaryName.isOne(entry.name) && !context.dryRun {
            if entry.kind == .directory {
                try? directory.file.removeDirectory(entry.name)
            } else {
                try? directory.file.remove(entry.name)
            }
        }
        if level.deletes {
            level.strangers = Set(
                entries.lazy.map(\.name).filter { !TemporaryName.isOne($0) })
        }
    }

    /// Whether nothing may be removed from a directory, nor from those below.
    private func isSpared(_ directory: FileStatus, below above: Level?) -> Bool {
        if above?.isSpared == true || context.deletion.isOwn(directory) { return true }
        // A source is read whatever it lies on; what lies in it need not have been.
        guard let above, above.deletes, let device = above.device else { return false }
        return context.deletion.isForeign(directory, below: device)
    }

    /// The directory is not there, and is not made, in a dry run.
    func missing(_ level: inout Level) {
        level.traits = RestoredDirectory.Traits(
            isNew: true, gid: 0, isIncluded: level.isIncluded)
        guard level.node != nil else { return }
        notes.count { $0.directories += 1 }
        notes.did(.created, level.path)
    }

    /// All that the snapshot has in the lowest directory was visited.
    func leave(_ index: Int) throws {
        let level = levels[index]
        defer {
            levels.removeLast()
            resolved = min(resolved, levels.count)
        }
        guard resolved > index, level.isOpen, let directory = try current(at: index) else {
            return
        }
        do throws(SystemError) {
            let above = open?.identityAbove
            try directory.file.checkPlace(in: above)
            filled.append(
                Filled(
                    node: level.node, directory: directory, path: level.path, above: above,
                    before: level.before, wasShut: level.wasShut, isIncluded: level.isIncluded,
                    strangers: strangers(of: level)))
            if index > 0 { try open?.leave() }
        } catch {
            notes.fail(level.path, error)
            try reopen(count: index)
        }
    }

    /// What is to be removed from a directory, or said to be kept.
    private func strangers(of level: Level) -> Set<[UInt8]> {
        guard let strangers = level.strangers, !strangers.isEmpty else { return [] }
        guard level.isPartial else { return strangers }
        notes.keep("what the snapshot did not look at, in directories of which it has only a part")
        return []
    }

    /// A directory was moved away while something below it was restored: the work goes on in what now
    /// has the names of those above, as far as there is something.
    private func reopen(count: Int) throws {
        guard let target else { return }
        var again = try DirectoryPath(target, openMax: RestoreLimits.directoriesOpen)
        for index in 1..<max(count, 1) {
            do throws(SystemError) {
                try again.enter(levels[index].path.name)
                // What it holds now nobody has looked at.
                levels[index].strangers = nil
                levels[index].traits?.isNew = false
            } catch {
                notes.fail(levels[index].path, error)
                // The last one is taken away by who called.
                levels.removeSubrange(index..<count)
                break
            }
        }
        open = consume again
    }

    /// Removes what directories have too much, now that their files are there, and gives them their
    /// attributes, those further down first.
    func finishDirectories() throws {
        filled.reverse()
        while let item = filled.last {
            do {
                try item.directory.file.checkPlace(in: item.above)
                try removeStrangers(item)
                try finish(item)
            } catch let error as SystemError {
                if item.wasShut, let before = item.before {
                    try? item.directory.file.setMode(before.mode)
                }
                notes.fail(item.path, error)
            }
            filled.removeLast()
        }
    }

    /// After a window: what was moved out of its place gets nothing more.
    func leaveMoved() throws {
        hasWritten = false
        guard let index = open?.firstMoved() else { return }
        notes.fail(
            levels[index].path,
            SystemError(.openDirectory, levels[index].path.text, errno: ESTALE))
        levels.removeSubrange(index...)
        resolved = min(resolved, index)
        try reopen(count: index)
        resolved = min(resolved, levels.count)
    }

    /// After an error: directories that were opened for the time of the restore get their modes back.
    func shutAgain() {
        for item in filled where item.wasShut {
            if let before = item.before { try? item.directory.file.setMode(before.mode) }
        }
        while let level = levels.popLast() {
            guard let depth = open?.depth, depth >= levels.count else { continue }
            guard depth == levels.count, let directory = open?.current else { return }
            if level.wasShut, let before = level.before {
                try? directory.file.setMode(before.mode | S_IXUSR)
                defer { try? directory.file.setMode(before.mode) }
                guard levels.isEmpty || (try? open?.leave()) != nil else { return }
            } else if !levels.isEmpty {
                guard (try? open?.leave()) != nil else { return }
            }
        }
    }

    private func removeStrangers(_ item: Filled) throws {
        for name in item.strangers.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            context.deletion.remove(
                name, in: item.directory, below: item.path, isIncluded: item.isIncluded)
            if context.deletion.isInterrupted() { throw ArchiveError.interrupted }
        }
    }

    private func finish(_ item: Filled) throws(SystemError) {
        let directory = item.directory
        defer {
            if context.dryRun, item.wasShut, let before = item.before {
                try? directory.file.setMode(before.mode)
            }
        }
        guard let node = item.node else {
            if item.wasShut, let before = item.before { try directory.file.setMode(before.mode) }
            return
        }
        if let before = item.before, !item.isIncluded || !context.mayReplace(before, by: node) {
            if item.wasShut { try directory.file.setMode(before.mode) }
            return
        }
        let attributes = RestoredAttributes(node, owner: owners.owner(of: node))
        guard let before = item.before else {
            try attributes.apply(to: directory.file, isClean: true, notes)
            if !item.path.bytes.isEmpty { notes.did(.created, item.path) }
            return
        }
        let differed = try attributes.differ(from: directory.file, before)
        let status = try directory.file.status()
        let differs = try attributes.differ(from: directory.file, status)
        if differs, !context.dryRun {
            try attributes.apply(to: directory.file, isClean: false, notes)
        }
        notes.did(differed ? .changed : .unchanged, item.path)
    }
}

extension File {
    static var defaultList: String { "system.posix_acl_default" }

    /// A new directory in one with a default access control list has the list, too.
    fileprivate func removeInheritedLists() throws(SystemError) {
        for name in [Self.defaultList, "system.posix_acl_access"] {
            do throws(SystemError) {
                try removeExtendedAttribute(Array(name.utf8))
            } catch  where [ENODATA, EOPNOTSUPP].contains(error.errno) {}
        }
    }

    /// The status of an entry; nil when there is none.
    func find(_ name: [UInt8]) throws(SystemError) -> FileStatus? {
        do throws(SystemError) {
            return try status(of: name)
        } catch  where error.isMissing {
            return nil
        }
    }
}
