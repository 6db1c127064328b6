import VarveFormat
import VarveRepository

/// One line of a listing.
struct ListedEntry {
    var name: [UInt8]
    var inode: UInt64
    var kind: Node.Kind
    /// Where the listing goes on behind it.
    var next: Int
}

extension FileSystem {
    /// Calls `body` for the entries of a directory behind `offset`, which is 0 or the `next` of one of them,
    /// until it answers false. `tell`, which may be called once for each, makes the entry known, with its
    /// status; nil when it is one that is looked up instead.
    func list(
        _ number: FileNumber, from offset: Int,
        _ body: (ListedEntry, _ tell: () throws -> Found?) throws -> Bool
    ) throws(Refusal) {
        if case .view(let view) = number.place, let key = views.key(view), case .directory = key {
            return try listViews(key, view, from: offset, body)
        }
        try answering { reader in
            let (opened, directory) = try self.directory(number, &reader.chunks)
            guard try self.listDots(directory.inode, directory.parent, from: offset, body) else {
                return
            }
            try self.list(opened, directory, from: max(offset - 2, 0), &reader.chunks, body)
        }
    }

    /// The pieces and places behind an offset, which is 0 or one more than the last place's number.
    private func list(
        _ number: Int, _ directory: OpenDirectory, from offset: Int, _ reader: inout ChunkReader,
        _ body: (ListedEntry, () throws -> Found?) throws -> Bool
    ) throws {
        let first = offset / EntryPlace.indexesMax
        guard first < directory.pieceCount else { return }
        for pieceNumber in first..<directory.pieceCount {
            let nodes = try piece(pieceNumber, of: number, directory, &reader).nodes
            let start = pieceNumber == first ? offset % EntryPlace.indexesMax : 0
            guard start < nodes.count else { continue }
            for index in start..<nodes.count {
                let place = EntryPlace(directory: number, piece: pieceNumber, index: index)
                let node = nodes[index]
                let entry = ListedEntry(
                    name: node.name, inode: inode(node, directory).rawValue, kind: node.kind,
                    next: pieceNumber * EntryPlace.indexesMax + index + 1 + 2)
                let goesOn = try body(entry) {
                    // Counting names takes a while; whoever only lists shall not wait for it.
                    node.hardLinkGroup == nil ? try tell(place, directory, &reader) : nil
                }
                guard goesOn else { return }
            }
        }
    }

    /// "." and "..": offsets 1 and 2 lie behind them.
    private func listDots(
        _ own: InodeNumber, _ parent: InodeNumber, from offset: Int,
        _ body: (ListedEntry, () throws -> Found?) throws -> Bool
    ) throws -> Bool {
        for (position, inode) in [own, parent].enumerated() where position >= offset {
            let name = [UInt8](repeating: UInt8(ascii: "."), count: position + 1)
            let entry = ListedEntry(
                name: name, inode: inode.rawValue, kind: .directory, next: position + 1)
            guard try body(entry, { nil }) else { return false }
        }
        return true
    }

    /// The offset behind a view is its number and 2, so that a change of the list meanwhile hides or repeats no
    /// other.
    private func listViews(
        _ key: ViewTree.Key, _ number: Int, from offset: Int,
        _ body: (ListedEntry, () throws -> Found?) throws -> Bool
    ) throws(Refusal) {
        if offset == 0 { lookAgain() }
        guard let entries = views.entries(of: key) else { throw .missing }
        try answering { _ in
            let inode = InodeNumber(view: number)
            guard try self.listDots(inode, inode, from: offset, body) else { return }
            for entry in entries[self.start(entries, behind: offset - 2)...] {
                guard let found = self.found(entry) else { continue }
                guard case .view(let view) = found.number.place else { continue }
                let listed = ListedEntry(
                    name: entry.name, inode: found.status.inode, kind: found.status.kind,
                    next: view + 2)
                let goesOn = try body(listed) {
                    self.directories.tell(found.number)
                    return found
                }
                guard goesOn else { return }
            }
        }
    }

    /// The first of `entries`, which are in order, behind the view of this number; the first of all for none.
    private func start(_ entries: [ViewTree.Entry], behind number: Int) -> Int {
        guard number > 0, let key = views.key(number) else { return 0 }
        if let index = entries.firstIndex(where: { $0.key == key }) { return index + 1 }
        // It is gone: those with later names follow.
        guard let name = views.name(number) else { return 0 }
        return entries.firstIndex { name.lexicographicallyPrecedes($0.name) } ?? entries.count
    }
}
