import VarveFormat
import VarveRepository

extension FileSystem {
    /// The entry of a name in a directory.
    func lookup(_ name: [UInt8], in number: FileNumber) throws(Refusal) -> Found {
        if case .view(let view) = number.place, case .directory(let path) = views.key(view) {
            lookAgain()
            guard
                let entry = views.entries(of: .directory(path))?.first(where: { $0.name == name }),
                let found = found(entry)
            else { throw .missing }
            directories.tell(found.number)
            return found
        }
        return try answering { reader in
            let (opened, directory) = try self.directory(number, &reader.chunks)
            guard let place = try self.find(name, in: opened, directory, &reader.chunks) else {
                throw Refusal.missing
            }
            return try self.tell(place, directory, &reader.chunks)
        }
    }

    /// What `stat` says.
    func status(of number: FileNumber) throws(Refusal) -> Found {
        if case .view(let view) = number.place {
            lookAgain()
            guard let key = views.key(view), let found = found(key, view) else { throw .missing }
            return found
        }
        return try answering { reader in
            let (node, place) = try self.node(number, &reader.chunks)
            guard let directory = self.directories.directory(place.directory) else {
                throw Refusal.stale
            }
            let status = self.status(node, directory, &reader.chunks)
            return Found(number: number, status: status, isLasting: true)
        }
    }

    /// Whether the name is missing for ever.
    func isLasting(_ directory: FileNumber) -> Bool {
        guard case .view(let view) = directory.place else { return true }
        if case .snapshot = views.key(view) { return true }
        return false
    }

    /// Tells of the entry at a place: from now on it is known until it is forgotten.
    func tell(
        _ place: EntryPlace, _ directory: OpenDirectory, _ reader: inout ChunkReader
    ) throws -> Found {
        let node = try piece(place.piece, of: place.directory, directory, &reader).nodes[
            place.index]
        let number: FileNumber
        if let group = node.hardLinkGroup {
            number = directories.tell(linkGroup: group, of: directory.snapshot.id, at: place)
        } else {
            number = FileNumber(place)
            if node.kind == .directory { directories.tell(number) }
        }
        return Found(number: number, status: status(node, directory, &reader), isLasting: true)
    }

    func status(
        _ node: Node, _ directory: OpenDirectory, _ reader: inout ChunkReader
    ) -> EntryStatus {
        let links =
            node.hardLinkGroup.map { linkCounts.links(ofGroup: $0, directory.snapshot, &reader) }
            ?? 1
        return EntryStatus(node, inode(node, directory), links: links)
    }

    func inode(_ node: Node, _ directory: OpenDirectory) -> InodeNumber {
        node.hardLinkGroup.map { InodeNumber(linkGroup: $0, of: directory.snapshot.id) }
            ?? InodeNumber(node.name, in: directory.inode)
    }

    /// Where the node of a name is: the piece is searched for first, by the first names of some.
    private func find(
        _ name: [UInt8], in number: Int, _ directory: OpenDirectory, _ reader: inout ChunkReader
    ) throws -> EntryPlace? {
        var (low, high) = (0, directory.pieceCount)
        while high - low > 1 {
            let middle = (low + high) / 2
            let nodes = try piece(middle, of: number, directory, &reader).nodes
            if let first = nodes.first, name.lexicographicallyPrecedes(first.name) {
                high = middle
            } else {
                low = middle
            }
        }
        guard low < high else { return nil }
        return try piece(low, of: number, directory, &reader).index(of: name).map {
            EntryPlace(directory: number, piece: low, index: $0)
        }
    }

    /// A view; nil for one that is gone.
    func found(_ entry: ViewTree.Entry) -> Found? {
        views.number(of: entry.key).flatMap { found(entry.key, $0) }
    }

    private func found(_ key: ViewTree.Key, _ number: Int) -> Found? {
        let inode = InodeNumber(view: number)
        let status: EntryStatus
        switch key {
        case .directory:
            guard views.entries(of: key) != nil else { return nil }
            status = EntryStatus(
                .directory, inode, mode: 0o755, size: EntryStatus.directoryBytes,
                modified: views.changed, uid: user.uid, gid: user.gid)
        case .link(_, let target):
            status = EntryStatus(
                .symlink, inode, mode: 0o777, size: target.count, modified: views.changed,
                uid: user.uid, gid: user.gid)
        case .snapshot(let id):
            guard let entry = views.snapshot(id) else { return nil }
            status = EntryStatus(
                .directory, InodeNumber(root: id), mode: 0o755, size: EntryStatus.directoryBytes,
                modified: entry.summary.time, uid: user.uid, gid: user.gid)
        }
        return Found(number: FileNumber(view: number), status: status, isLasting: false)
    }
}
