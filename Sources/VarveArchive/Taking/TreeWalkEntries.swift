import Glibc
import VarveFormat
import VarveRepository
import VarveSystem

extension TreeWalk {
    /// The names in a directory that are wanted; none, and told, when it cannot be listed.
    ///
    /// When a marker says that the directory is left out, these are the marker's and what leads to sources;
    /// then `sources` is no source any more.
    func names(
        of directory: PendingDirectory, _ handle: SharedFile, _ sources: inout SourceTree
    ) throws -> EntryNames {
        guard sources.isSource else {
            directory.markPartial()
            return EntryNames(sources.children.keys)
        }
        do throws(SystemError) {
            var names = try handle.file.entryNames()
            guard let marker = exclusionMarker(names, directory, handle) else {
                let virtual = sources.virtualNames
                if !virtual.isEmpty { names.add(virtual) }
                return names
            }
            directory.markPartial()
            sources.isSource = false
            return EntryNames(Set(sources.children.keys).union([marker]))
        } catch {
            directory.markPartial()
            observer(.unreadable(RawText.text(directory.path), error))
            return EntryNames()
        }
    }

    /// The entry `name` of a directory, whose path is only needed when something can be excluded; nil
    /// when it is excluded, or, told, unreadable.
    func entry(
        _ name: [UInt8], _ looked: SliceStatuses.Status, of listing: Listing, at path: [UInt8],
        _ handle: SharedFile, _ cursor: inout ParentCursor?
    ) throws -> Entry? {
        let location = EntryLocation(directory: listing.directory, handle: handle, name: name)
        let named = listing.sources.children[name]
        if let number = named?.virtual {
            return try virtualEntry(
                name, number, (try? looked.get()) != nil, location.shown, &cursor)
        }
        let status: FileStatus
        do throws(SystemError) {
            status = try looked.get()
        } catch {
            if error.isMissing, let named, !named.hasPaths {
                return try passage(to: name, &cursor)
            }
            if !error.isMissing { listing.directory.markPartial() }
            observer(.unreadable(location.shown, error))
            return nil
        }
        guard !isOwn(status, location.shown) else {
            listing.directory.markPartial()
            return nil
        }
        guard !secrets.holds(name, status, in: listing.directory) else {
            listing.directory.markPartial()
            observer(.excluded(location.shown, .secret))
            return nil
        }
        let isWanted = named?.isSource == true || admits(name, status, path)
        guard isWanted || named != nil else { return nil }
        if named?.isSource == false, status.kind != .directory {
            observer(
                .failed(
                    path: location.shown,
                    reason: "sources in it are named, but it is no directory; name what it leads to"
                ))
        }
        if let flaw = Self.flaw(name, status) {
            listing.directory.markPartial()
            observer(.failed(path: location.shown, reason: flaw))
            return nil
        }
        guard !isCompanion(name, of: listing, location.shown) else { return nil }
        let found = try self.found(name, &cursor)
        do throws(SystemError) {
            let hasLog = listing.databases.hasLog(name)
            guard var entry = try entry(name, status, found, hasLog, location) else { return nil }
            entry.isPassage = !isWanted
            if options.excludes.oneFileSystem, !devices.contains(status.device) {
                observer(.excluded(location.shown, .fileSystem))
                guard status.kind == .directory else {
                    listing.directory.markPartial()
                    return nil
                }
                entry.isPassage = named != nil
                entry.isClosed = named == nil
            }
            return entry
        } catch {
            observer(.unreadable(location.shown, error))
            return nil
        }
    }

    /// What leads to a source, or is one; nil when it is excluded.
    func sourceEntry(
        _ name: [UInt8], _ tree: SourceTree, _ listing: Listing,
        _ cursor: inout ParentCursor?
    ) throws -> Entry? {
        let path = listing.directory.path(of: name)
        let shown = RawText.text(path)
        if let number = tree.virtual {
            return try virtualEntry(name, number, false, shown, &cursor)
        }
        guard tree.hasPaths else { return try passage(to: name, &cursor) }
        guard !isCompanion(name, of: listing, shown) else { return nil }
        let found = try self.found(name, &cursor)
        do throws(SystemError) {
            let status = try File.status(of: path, follow: !tree.isSource)
            guard !secrets.holds(name, status, in: listing.directory) else {
                observer(.excluded(shown, .secret))
                return nil
            }
            if tree.isSource, status.kind == .symlink {
                observer(
                    .noted(
                        path: shown,
                        reason: "it is a symbolic link, and only the link is stored; name what "
                            + "it leads to, or end it with a slash"))
            }
            let log = options.databases.map { _ in path + SQLiteCompanion.log }
            let hasLog = log.flatMap { try? File.status(of: $0).size } ?? 0 > 0
            return try entry(name, status, found, hasLog, SourceLocation(path: path))
        } catch {
            try fail(
                error.isMissing
                    ? .missingSource(path: shown)
                    : .unreadableSource(path: shown, reason: error.reason))
            return nil
        }
    }

    /// Why an entry cannot be stored at all; nil for nearly all.
    private static func flaw(_ name: [UInt8], _ status: FileStatus) -> String? {
        guard Node.isValid(name: name) else { return "its name is too long to be stored" }
        guard status.kind != .regular || status.size <= FormatLimit.streamBytes else {
            return "it is too long to be stored"
        }
        return nil
    }

    func found(
        _ name: [UInt8], _ cursor: inout ParentCursor?
    ) throws -> ParentTree.Found? {
        guard cursor != nil else { return nil }
        return try streams.withWriter { _, reader in
            guard var found = try cursor?.find(name, in: &parent, &reader) else { return nil }
            // Without a record it counts as changed.
            if try needsLost(found.node, &reader) { found.record = nil }
            return found
        }
    }

    /// Whether a file of the parent needs a chunk that is lost.
    private func needsLost(_ node: Node, _ reader: inout ChunkReader) throws -> Bool {
        guard !lost.isEmpty, node.kind == .file, let content = node.content else { return false }
        do {
            var chunks = ContentCursor(content)
            while let chunk = try chunks.next(&reader) {
                if lost.contains(chunk.id) { return true }
            }
            return false
        } catch RepositoryError.damaged {
            return true
        }
    }

    /// Whether it is read with the database beside it, and not by itself.
    private func isCompanion(
        _ name: [UInt8], of listing: Listing, _ shown: @autoclosure () -> String
    ) -> Bool {
        guard listing.databases.isCompanion(name) else { return false }
        observer(.excluded(shown(), .database))
        return true
    }

    /// An entry with everything but content; nil for what cannot be stored. With a log it is a database, of
    /// which the status says too little.
    private func entry(
        _ name: [UInt8], _ status: FileStatus, _ found: ParentTree.Found?, _ hasLog: Bool,
        _ location: some Location
    ) throws(SystemError) -> Entry? {
        guard let kind = Node.Kind(status.kind) else { return nil }
        var entry = Entry(node: Node(kind: kind, name: name), status: status)
        entry.node.mode = status.mode
        entry.node.uid = status.uid
        entry.node.gid = status.gid
        (entry.node.user, entry.node.group) = names.names(status.uid, status.gid)
        entry.node.modified = status.mtime
        if status.isMtimeHeld { observer(.heldTime(location.shown, status.mtime)) }
        entry.link = completion.links.link(status)
        entry.node.hardLinkGroup = entry.link?.group
        if let found, found.node.kind == kind {
            entry.before = found.node.content
            entry.offset = found.offset
        }
        // What an unchanged entry has is the parent's.
        let same = !hasLog && isUnchanged(status, found) ? found : nil
        entry.isUnchanged = same != nil
        switch kind {
        case .symlink:
            if let target = same?.node.target {
                entry.node.target = target
            } else {
                entry.node.target = try location.readLink()
            }
        case .characterDevice, .blockDevice:
            entry.node.device = Node.Device(number: status.deviceNumber)
        case .file:
            entry.node.content = same?.node.content ?? .empty
            entry.node.holes = same?.node.holes ?? []
        case .directory: entry.node.content = .empty
        case .fifo, .socket: break
        }
        if let same {
            entry.node.attributes = same.node.attributes
        } else if kind != .file, hasProc {
            readAttributes(of: &entry, location)
        }
        return entry
    }

    private func readAttributes(of entry: inout Entry, _ location: some Location) {
        do throws(SystemError) {
            let found = try location.extendedAttributes()
            if !entry.node.set(found, location.shown, observer) { entry.isRestless = true }
        } catch {
            observer(.unreadableAttributes(location.shown, error))
            entry.isRestless = true
        }
    }

    /// Whether an entry looks as it did in the parent.
    private func isUnchanged(
        _ status: FileStatus, _ found: ParentTree.Found?
    ) -> Bool {
        guard !options.force, let found, let record = found.record else { return false }
        return record.agrees(with: status, found.node)
    }

    /// Whether the entry is one of Varve's own directories; tells when it is.
    private func isOwn(_ status: FileStatus, _ shown: @autoclosure () -> String) -> Bool {
        guard status.kind == .directory, let path = own[EntryIdentity(status)] else {
            return false
        }
        leftOut.append(path)
        observer(.excluded(shown(), .own))
        return true
    }

    /// Whether the entry is not excluded; tells when it is.
    private func admits(
        _ name: [UInt8], _ status: FileStatus, _ directory: [UInt8]
    ) -> Bool {
        guard !options.excludes.isEmpty,
            let exclusion = options.excludes.exclusion(of: name, status, in: directory)
        else { return true }
        let path = directory + [UInt8(ascii: "/")] + name
        observer(.excluded(RawText.text(path), exclusion))
        return false
    }

    /// The one name that stays when a marker says that a directory is left out.
    private func exclusionMarker(
        _ names: EntryNames, _ directory: PendingDirectory, _ handle: SharedFile
    ) -> [UInt8]? {
        let marker = options.excludes.markers.first { marker in
            marker.marks(handle.file) { names.contains($0) }
        }
        guard let marker else { return nil }
        observer(.excluded(RawText.text(directory.path), .marker(marker)))
        return marker.name
    }
}
