import Glibc
import VarveFormat
import VarveSystem

/// Making entries that are neither directories nor regular files, at once and by the calling thread.
struct RestoredEntry {
    let node: Node
    let directory: RestoredDirectory
    let attributes: RestoredAttributes
    let context: RestoreContext

    init(
        _ node: Node, in directory: RestoredDirectory, owner: EntryOwner?,
        _ context: RestoreContext
    ) {
        self.node = node
        self.directory = directory
        self.context = context
        attributes = RestoredAttributes(node, owner: owner ?? EntryOwner(keptBy: node))
    }

    /// What was done, and the identity of what is there then; nil when its kind is left out.
    func restore() throws(SystemError) -> (action: RestoreAction, identity: EntryIdentity?)? {
        guard isPossible else { return nil }
        guard let parent = directory.file, let existing = try parent.status(of: self) else {
            return (.created, context.dryRun ? nil : try make(replacing: nil))
        }
        guard context.mayReplace(existing, by: node) else { return (.left, nil) }
        if try isSame(existing, in: parent.file) {
            let handle = try parent.file.handle(of: node.name)
            let status = try handle.status()
            let identity = EntryIdentity(status)
            if identity == EntryIdentity(existing) {
                guard try attributes.differ(from: handle, status) else {
                    return (.unchanged, identity)
                }
                // Its other names may lie outside the target, and another owner may have it open.
                if status.links == 1, node.kind == .symlink || isOwn(status) {
                    guard !context.dryRun else { return (.changed, identity) }
                    let isChanged = try attributes.apply(
                        to: handle, isClean: false, context.notes)
                    return (isChanged ? .changed : .unchanged, identity)
                }
            }
        }
        if context.dryRun { try makeWay(existing, in: parent) }
        return (.changed, context.dryRun ? nil : try make(replacing: existing))
    }

    /// Takes a directory away whose name the entry is to get; only once there is what takes its place.
    private func makeWay(_ existing: FileStatus?, in parent: SharedFile) throws(SystemError) {
        guard existing?.kind == .directory else { return }
        try context.deletion.makeWay(for: node.name, in: parent, directory, directory.path)
    }

    private var isPossible: Bool {
        switch node.kind {
        // Sockets belong to the process that listens; without it they are nothing.
        case .socket:
            context.notes.skip("sockets (they belong to a process)")
            return false
        case .characterDevice, .blockDevice:
            if !context.isRoot { context.notes.skip("devices (only root may make them)") }
            return context.isRoot
        default: return true
        }
    }

    private func isOwn(_ status: FileStatus) -> Bool {
        status.uid == context.ownUser || status.uid == attributes.owner.uid
    }

    private func isSame(
        _ existing: FileStatus, in parent: borrowing File
    ) throws(SystemError) -> Bool {
        guard Node.Kind(existing.kind) == node.kind else { return false }
        switch node.kind {
        case .symlink: return try parent.readLink(node.name) == node.target
        case .characterDevice, .blockDevice: return existing.deviceNumber == node.device?.number
        default: return true
        }
    }

    /// Makes it under a temporary name, and gives it its own when it has its attributes.
    private func make(replacing existing: FileStatus?) throws(SystemError) -> EntryIdentity? {
        guard let parent = directory.file else { return nil }
        let name = directory.traits.isNew ? node.name : TemporaryName.make()
        do throws(SystemError) {
            try make(name, in: parent.file)
            let handle = try parent.file.handle(of: name)
            let status = try handle.status()
            // What somebody put in its place is not given any rights.
            guard Node.Kind(status.kind) == node.kind, status.links == 1 else {
                throw SystemError(.makeNode, parent.file.path(of: name), errno: ESTALE)
            }
            // Some file systems give what root makes to somebody else, and let it be no other's.
            let isOwn = status.uid == context.ownUser
            if !isOwn { context.notes.skip(RefusedOwners.owners) }
            try attributes.apply(
                to: handle, isClean: false, ownerIsSet: !isOwn, context.notes)
            if name != node.name {
                try makeWay(existing, in: parent)
                try parent.file.rename(name, to: node.name)
            }
            return EntryIdentity(status)
        } catch {
            if !error.isTaken { try? parent.file.remove(name) }
            throw error
        }
    }

    private func make(_ name: [UInt8], in parent: borrowing File) throws(SystemError) {
        switch node.kind {
        case .symlink: try parent.makeSymlink(to: node.target ?? [], name)
        case .fifo: try parent.makeNode(name, kind: .fifo, mode: 0o600)
        case .characterDevice, .blockDevice:
            try parent.makeNode(
                name, kind: node.kind == .blockDevice ? .blockDevice : .characterDevice,
                mode: 0o600, deviceNumber: node.device?.number ?? 0)
        case .directory, .file, .socket: return
        }
    }

    /// What comes of making the entry a further name of another one, which has no identity when it is not
    /// there yet in a dry run; and what has the name now.
    func plannedLink(
        to first: EntryIdentity?
    ) throws(SystemError) -> (action: RestoreAction, existing: FileStatus?) {
        guard let parent = directory.file, let existing = try parent.status(of: self) else {
            return (.created, nil)
        }
        if EntryIdentity(existing) == first { return (.unchanged, existing) }
        guard context.mayReplace(existing, by: node) else { return (.left, existing) }
        if context.dryRun { try makeWay(existing, in: parent) }
        return (.changed, existing)
    }

    /// Makes the entry a further name of `first`; nil when that is not possible here.
    func link(to first: borrowing LinkedEntry) throws(SystemError) -> RestoreAction? {
        let (action, existing) = try plannedLink(to: EntryIdentity(first.handle.status()))
        guard !context.dryRun, action == .created || action == .changed else { return action }
        guard let parent = directory.file else { return nil }
        let name = existing == nil ? node.name : TemporaryName.make()
        do throws(SystemError) {
            try parent.file.makeLink(name, to: first.handle)
        } catch  where [EMLINK, EXDEV, EPERM, EOPNOTSUPP].contains(error.errno) {
            context.notes.skip("some hard links, as files of their own (\(error.reason))")
            return nil
        }
        guard existing != nil else { return .created }
        do throws(SystemError) {
            try makeWay(existing, in: parent)
            try parent.file.rename(name, to: node.name)
        } catch {
            try? parent.file.remove(name)
            throw error
        }
        return .changed
    }
}

extension SharedFile {
    /// What has the entry's name here; nil when nothing has.
    fileprivate func status(of entry: RestoredEntry) throws(SystemError) -> FileStatus? {
        guard !entry.directory.traits.isNew || entry.node.hardLinkGroup != nil else { return nil }
        return try file.find(entry.node.name)
    }
}
