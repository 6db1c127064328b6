public import VarveFormat
import VarveSystem

/// How often each chunk is referred to by the trees of some snapshots: by the chunks of metadata that
/// they need, each counted once, and by the snapshots themselves.
///
/// Like the rest of the catalog it is disposable: what cannot be read, or is not what was written, is
/// damage, and then `dropAll` begins anew. It names the snapshots that it stands for. In memory are
/// only those chunks that refer to others, and changes to the table of all chunks. That is a file,
/// which is written anew once there are many changes.
public struct EdgeCounts: ~Copyable {
    /// The snapshots that are counted, with what each of them refers to itself.
    public private(set) var snapshots: [SnapshotID: [Reference]] = [:]
    /// How often chunks that refer to others are referred to, by what they are read as.
    private var branches: [Branch: UInt32] = [:]
    /// What is to be added to the table.
    private var changes: [ChunkID: Int64] = [:]
    private var table: EdgeTable?
    private let directory: CountsDirectory
    private let repository: RepositoryID

    /// From so many on they are put into the table; each takes about 80 bytes until then.
    private static let changesMax = 1 << 20
    /// So many, or so small a part of the table, are saved beside it.
    private let changesSaved: Int
    private static let changesSavedPart = 16

    /// A chunk that refers to others; the bytes of one chunk may be read as several things.
    struct Branch: Hashable {
        var id: ChunkID
        var stream: Reference.Stream
        var levels: Int
    }

    /// Opens what `save` left in a directory that it has for itself; empty when there is none.
    ///
    /// While another process has the directory, a temporary one serves this one.
    public init(directory path: String, repository: RepositoryID) throws {
        try self.init(directory: path, repository: repository, changesSaved: 4 << 10)
    }

    init(directory path: String, repository: RepositoryID, changesSaved: Int) throws {
        directory = try CountsDirectory(path)
        self.repository = repository
        self.changesSaved = changesSaved
        let directory = directory.path
        let limit = EdgeFile.byteCountMax
        guard let bytes = try? File.contents(of: directory + "/edges", limit: limit),
            let found = EdgeFile(decoding: bytes, repository: repository)
        else { return }
        (snapshots, branches, changes) = (found.snapshots, found.branches, found.changes)
        table = EdgeTable(
            path: Self.path(found.table, in: directory), count: found.tableCount,
            digest: found.tableDigest)
        tableNumber = found.table
    }

    private var tableNumber: UInt64 = 0

    private static func path(_ number: UInt64, in directory: String) -> String {
        directory + "/table-\(number)"
    }

    /// Forgets everything, in memory; `save` then replaces what is on disk.
    public mutating func dropAll() {
        (snapshots, branches, changes, table) = ([:], [:], [:], nil)
    }

    /// Counts one more edge; true when it is the first to something that may refer to others.
    public mutating func add(_ reference: Reference) throws -> Bool {
        try note(reference.id, 1)
        guard reference.isBranch else { return false }
        let count = branches[Branch(reference), default: 0]
        guard count < .max else { throw CatalogError.damaged }
        branches[Branch(reference)] = count + 1
        return count == 0
    }

    /// Counts one edge less; true when it was the last to something that may refer to others.
    public mutating func remove(_ reference: Reference) throws -> Bool {
        try note(reference.id, -1)
        guard reference.isBranch else { return false }
        guard let count = branches[Branch(reference)] else { throw CatalogError.damaged }
        branches[Branch(reference)] = count > 1 ? count - 1 : nil
        return count == 1
    }

    /// The edges of a snapshot are counted from now on.
    public mutating func add(_ snapshot: SnapshotID, _ references: [Reference]) {
        snapshots[snapshot] = references
    }

    /// The edges of a snapshot are counted no more.
    public mutating func remove(_ snapshot: SnapshotID) { snapshots[snapshot] = nil }

    private mutating func note(_ id: ChunkID, _ change: Int64) throws {
        changes[id, default: 0] += change
        if changes.count >= Self.changesMax { try merge() }
    }

    /// Puts what was counted in force.
    public mutating func save() throws {
        changes = changes.filter { $0.value != 0 }
        if changes.count > max(changesSaved, (table?.count ?? 0) / Self.changesSavedPart)
            || table == nil
        {
            try merge()
        }
        guard let table else { return }
        let file = EdgeFile(
            repository: repository, snapshots: snapshots, branches: branches, changes: changes,
            table: tableNumber, tableCount: table.count, tableDigest: table.digest)
        let temporary = directory.path + "/edges.new"
        let new = try File.createOrTruncate(temporary)
        try new.write(file.encode())
        try new.close()
        try File.rename(temporary, to: directory.path + "/edges")
        directory.removeAll(but: ["edges", "lock", "table-\(tableNumber)"])
    }

    /// Nothing is synced: what a crash tears, a digest does not match.
    private mutating func merge() throws {
        let number = UInt64.random(in: 1 ... .max)
        var writer = try EdgeTableWriter(path: Self.path(number, in: directory.path))
        var scan = EdgeScan(try EdgeTableScan(try table ?? newTable()), changes)
        changes = [:]
        while let edges = try scan.next() { try writer.append(edges.id, edges.count) }
        try scan.finish()
        table = try writer.finish()
        tableNumber = number
    }

    private func newTable() throws -> EdgeTable {
        var writer = try EdgeTableWriter(
            path: Self.path(.random(in: 1 ... .max), in: directory.path))
        return try writer.finish()
    }

    /// Whether `save` has put something in force that `scan` can begin with.
    public var isReadable: Bool { table != nil }

    /// Reads what `save` has put in force, and what was counted since.
    public func scan() throws -> LiveScan {
        guard let table else { throw CatalogError.damaged }
        return try LiveScan(EdgeScan(try EdgeTableScan(table), changes))
    }
}

extension EdgeCounts.Branch {
    init(_ reference: Reference) {
        (id, stream, levels) = (reference.id, reference.stream, reference.levels)
    }
}
