import Synchronization
import VarveFormat
import VarveRepository
import VarveSystem

/// A repository as a file system: answers by the numbers that whoever asks was told before.
///
/// Several threads may ask at once. What cannot be had is reported once, and refused.
final class FileSystem: Sendable {
    /// An entry that whoever asks is told of, and must `forget` as often.
    struct Found: Sendable, Equatable {
        var number: FileNumber
        var status: EntryStatus
        /// Whether it stays what it is for ever.
        var isLasting: Bool
    }

    let views: Views
    let directories = OpenDirectories()
    /// The decoded pieces of directories.
    let pieces: LoadingCache<PieceKey, DirectoryPiece>
    let readers: Readers
    let linkCounts = LinkCounts()
    private let repository: Repository
    private let recent = RecentFiles()
    private let complaints: Complaints
    private let snapshots = Mutex<[SnapshotID: MountedSnapshot]>([:])
    let user = (uid: Accounts.currentUser, gid: Accounts.currentGroup)

    /// `ahead` opens frames before they are asked for; `admits` narrows which snapshots are shown.
    init(
        _ repository: Repository, ahead: FrameAhead? = nil,
        pieceCacheBytes: Int = MountLimits.pieceCacheBytes,
        listKnownFor: Int64 = MountLimits.listKnownFor,
        admits: @escaping @Sendable (RepositoryState.SnapshotEntry) -> Bool = { _ in true },
        complain: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        self.repository = repository
        views = Views(repository, knownFor: listKnownFor, admits: admits)
        pieces = LoadingCache(bytesMax: pieceCacheBytes, size: \.byteCount)
        readers = Readers(repository, ahead)
        complaints = Complaints(complain)
        // The index is loaded now, and not when the first file is read.
        try readers.with { _ in }
    }

    /// Runs `body` with a reader; what goes wrong in the repository is reported, and becomes a refusal.
    func answering<Answer>(_ body: (Readers.Reader) throws -> Answer) throws(Refusal) -> Answer {
        do {
            return try readers.with(body)
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            complaints.add("\(error)")
            throw .unreadable
        }
    }

    /// Brings the views up to the log; when that cannot be read, they stay as they are.
    func lookAgain() {
        do {
            try views.lookAgain()
        } catch {
            complaints.add("\(error); the snapshots that were there last are shown")
        }
    }

    func forget(_ number: FileNumber, _ count: UInt64) { directories.forget(number, count) }

    /// The target of a symbolic link.
    func target(of number: FileNumber) throws(Refusal) -> [UInt8] {
        if case .view(let view) = number.place {
            guard case .link(_, let target) = views.key(view) else { throw .noLink }
            return target
        }
        return try answering { reader in
            guard let target = try self.node(number, &reader.chunks).node.target else {
                throw Refusal.noLink
            }
            return target
        }
    }

    /// The extended attributes of an entry.
    func attributes(of number: FileNumber) throws(Refusal) -> [Node.Attribute] {
        if case .view = number.place { return [] }
        return try answering { reader in try self.node(number, &reader.chunks).node.attributes }
    }

    /// Calls `body` once with `count` bytes of a file, at most `MountLimits.readBytes`; with fewer at its end.
    func read(
        _ number: FileNumber, offset: Int, _ count: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(Refusal) {
        try answering { reader in
            let file = try self.file(number, &reader.chunks)
            let start = min(max(offset, 0), file.size)
            let end = min(file.size, start + min(count, MountLimits.readBytes))
            try file.read(start..<end, &reader.chunks, reader.room, body)
        }
    }

    /// Where data are in a file, or a hole, at or behind `offset`.
    func seek(
        _ stretch: FileBytes.Stretch, in number: FileNumber, from offset: Int
    ) throws(Refusal) -> Int {
        try answering { reader in
            try self.file(number, &reader.chunks).seek(stretch, from: offset)
        }
    }

    private func file(_ number: FileNumber, _ reader: inout ChunkReader) throws -> FileBytes {
        let (node, place) = try node(number, &reader)
        guard node.kind == .file else { throw Refusal.isDirectory }
        return recent.bytes(of: node, at: place)
    }

    /// The node of an entry that is no view.
    func node(
        _ number: FileNumber, _ reader: inout ChunkReader
    ) throws -> (node: Node, place: EntryPlace) {
        let place: EntryPlace
        switch number.place {
        case .view: throw Refusal.isDirectory
        case .entry(let entry): place = entry
        case .linked(let linked):
            guard let known = directories.place(ofLinked: linked) else { throw Refusal.stale }
            place = known
        }
        guard let directory = directories.directory(place.directory),
            place.piece < directory.pieceCount
        else { throw Refusal.stale }
        let nodes = try piece(place.piece, of: place.directory, directory, &reader).nodes
        guard place.index < nodes.count else { throw Refusal.stale }
        return (nodes[place.index], place)
    }

    func piece(
        _ piece: Int, of number: Int, _ directory: OpenDirectory, _ reader: inout ChunkReader
    ) throws -> DirectoryPiece {
        try pieces.value(PieceKey(directory: number, piece: piece)) {
            DirectoryPiece(try directory.nodes(ofPiece: piece, &reader))
        }
    }

    /// The opened directory of a snapshot's root, or of an entry.
    func directory(
        _ number: FileNumber, _ reader: inout ChunkReader
    ) throws -> (number: Int, directory: OpenDirectory) {
        try directories.directory(of: number) {
            guard case .view(let view) = number.place else {
                let (node, place) = try node(number, &reader)
                guard let above = directories.directory(place.directory) else {
                    throw Refusal.stale
                }
                guard node.kind == .directory else { throw Refusal.notDirectory }
                return try OpenDirectory(
                    node.content ?? .empty, of: above.snapshot,
                    InodeNumber(node.name, in: above.inode), parent: above.inode, &reader)
            }
            guard case .snapshot(let id) = views.key(view) else { throw Refusal.notDirectory }
            let snapshot = try snapshot(id)
            return try OpenDirectory(
                snapshot.manifest.root.content, of: snapshot, InodeNumber(root: id),
                parent: InodeNumber(view: view), &reader)
        }
    }

    /// The snapshot, whose manifest is read at the first call.
    private func snapshot(_ id: SnapshotID) throws -> MountedSnapshot {
        if let known = snapshots.withLock({ $0[id] }) { return known }
        guard let entry = views.snapshot(id) else { throw Refusal.missing }
        let snapshot = try MountedSnapshot(entry, repository)
        return snapshots.withLock { snapshots in
            let known = snapshots[id] ?? snapshot
            snapshots[id] = known
            return known
        }
    }
}
