import VarveFormat
import VarveSystem

extension TreeWalk {
    /// The entries of a directory that belong to the snapshot, in order of names.
    func entries(
        of directory: PendingDirectory, _ handle: SharedFile,
        _ parentDirectory: inout ParentTree.Directory?, device: UInt64
    ) throws -> [Entry] {
        var listed: [DirectoryEntry]
        do throws(SystemError) {
            listed = try handle.file.entries()
        } catch {
            let path = String(decoding: directory.path, as: UTF8.self)
            observer(.unreadable(path, error))
            return []
        }
        listed.sort { $0.name.lexicographicallyPrecedes($1.name) }
        let marker = try exclusionMarker(listed, directory, handle, device: device)
        var entries: [Entry] = []
        entries.reserveCapacity(listed.count)
        for entry in listed {
            if let marker, entry.name != marker { continue }
            do throws(SystemError) {
                let status = try handle.file.status(of: entry.name, follow: false)
                guard admits(entry.name, status, directory, device: device) else { continue }
                let node = try node(entry.name, status) { () throws(SystemError) in
                    try handle.file.readLink(entry.name)
                }
                guard let node else { continue }
                let index = parentDirectory?.take(entry.name)
                entries.append(Entry(node: node, status: status, parentIndex: index))
            } catch {
                observer(.unreadable(directory.displayPath(of: entry.name), error))
            }
        }
        return entries
    }

    /// A node with everything but content; nil for what cannot be stored.
    func node(
        _ name: [UInt8], _ status: FileStatus,
        target: () throws(SystemError) -> [UInt8]
    ) throws(SystemError) -> Node? {
        guard let kind = Node.Kind(status.kind) else { return nil }
        var node = Node(kind: kind, name: name)
        node.mode = status.mode
        node.uid = status.uid
        node.gid = status.gid
        (node.user, node.group) = names.names(status.uid, status.gid)
        node.modified = status.mtime
        switch kind {
        case .symlink: node.target = try target()
        case .characterDevice, .blockDevice: node.device = Node.Device(number: status.deviceNumber)
        case .directory, .file: node.content = .empty
        case .fifo, .socket: break
        }
        return node
    }

    func isOwn(_ status: FileStatus) -> Bool {
        guard status.kind == .directory, let path = own[EntryIdentity(status)] else {
            return false
        }
        leftOut.append(path)
        return true
    }

    /// Whether the entry is not excluded; tells when it is.
    private func admits(
        _ name: [UInt8], _ status: FileStatus, _ directory: PendingDirectory, device: UInt64
    ) -> Bool {
        if isOwn(status) { return false }
        let rules = options.excludes
        let isForeign = rules.oneFileSystem && status.device != device
        let exclusion = rules.exclusion(of: name, status, in: directory.path)
        guard let exclusion = exclusion ?? (isForeign ? .fileSystem : nil) else { return true }
        observer(.excluded(directory.displayPath(of: name), exclusion))
        // What another file system is mounted on stays, and `exclusionMarker` empties it.
        return exclusion == .fileSystem && status.kind == .directory
    }

    /// The one name that stays when a marker says that a directory is left out; empty when nothing
    /// stays, because another file system begins here.
    private func exclusionMarker(
        _ listed: [DirectoryEntry], _ directory: PendingDirectory, _ handle: SharedFile,
        device: UInt64
    ) throws -> [UInt8]? {
        let rules = options.excludes
        if rules.oneFileSystem, (try? handle.file.status())?.device != device { return [] }
        guard let marker = rules.markers.first(where: { $0.marks(handle.file, listed) }) else {
            return nil
        }
        observer(
            .excluded(String(decoding: directory.path, as: UTF8.self), .marker(marker)))
        return marker.name
    }
}
