public import VarveFormat
import VarveSystem

/// How often each chunk is referred to by the trees of some snapshots: by the chunks of metadata that
/// they need, each counted once, and by the snapshots themselves.
///
/// Like the rest of the catalog it is disposable: what cannot be read, or is not what was written, is
/// damage, and then `dropAll` begins anew. It names the snapshots that it stands for. In memory are
/// only those chunks that refer to others; the table of all is a file, which `save` writes anew.
public struct EdgeCounts: ~Copyable {
    /// The snapshots that are counted, with what each of them refers to itself.
    public private(set) var snapshots: [SnapshotID: [Reference]] = [:]
    /// How often chunks that refer to others are referred to, by what they are read as.
    private var branches: [Branch: UInt32] = [:]
    /// What is to be added to the table.
    private var pending: [ChunkID: Int64] = [:]
    private var table: EdgeTable?
    private let directory: CountsDirectory
    private let repository: RepositoryID

    /// From so many on they are put into the table; each takes about 80 bytes until then.
    private static let pendingMax = 1 << 20

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
        directory = try CountsDirectory(path)
        self.repository = repository
        let directory = directory.path
        let limit = EdgeFile.byteCountMax
        guard let bytes = try? File.contents(of: directory + "/edges", limit: limit),
            let found = EdgeFile(decoding: bytes, repository: repository)
        else { return }
        (snapshots, branches) = (found.snapshots, found.branches)
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
        (snapshots, branches, pending, table) = ([:], [:], [:], nil)
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
        pending[id, default: 0] += change
        if pending.count >= Self.pendingMax { try merge() }
    }

    /// Puts what was counted into the table, and the table in force.
    public mutating func save() throws {
        if !pending.isEmpty || table == nil { try merge() }
        guard let table else { return }
        let file = EdgeFile(
            repository: repository, snapshots: snapshots, branches: branches, table: tableNumber,
            tableCount: table.count, tableDigest: table.digest)
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
        let scan = try EdgeTableScan(try table ?? newTable())
        let changes = pending.sorted { $0.key < $1.key }
        pending = [:]
        for (id, change) in changes {
            while let old = scan.id, old < id {
                try writer.append(old, scan.count)
                try scan.advance()
            }
            var count = change
            if scan.id == id {
                count += Int64(scan.count)
                try scan.advance()
            }
            guard let sum = UInt32(exactly: count) else { throw CatalogError.damaged }
            if sum > 0 { try writer.append(id, sum) }
        }
        while let old = scan.id {
            try writer.append(old, scan.count)
            try scan.advance()
        }
        try scan.finish()
        table = try writer.finish()
        tableNumber = number
    }

    private func newTable() throws -> EdgeTable {
        var writer = try EdgeTableWriter(
            path: Self.path(.random(in: 1 ... .max), in: directory.path))
        return try writer.finish()
    }

    /// Reads the table, which `save` has completed.
    public func scan() throws -> LiveScan {
        guard let table, pending.isEmpty else { throw CatalogError.damaged }
        return LiveScan(try EdgeTableScan(table))
    }
}

extension EdgeCounts.Branch {
    init(_ reference: Reference) {
        (id, stream, levels) = (reference.id, reference.stream, reference.levels)
    }
}

/// Goes through the chunks that something refers to.
public struct LiveScan: ~Copyable {
    private let table: EdgeTableScan
    private var group: Set<ChunkID> = []
    private var prefix: UInt64?
    private var total = 0
    private var met = 0

    init(_ table: EdgeTableScan) { self.table = table }

    /// Whether something refers to the chunk; to be asked once for each chunk, in the order of the
    /// first eight bytes of their ids.
    public mutating func contains(_ id: ChunkID) throws(CatalogError) -> Bool {
        if prefix != id.prefix {
            group.removeAll(keepingCapacity: true)
            prefix = id.prefix
            while let next = table.id, next.prefix <= id.prefix {
                if next.prefix == id.prefix { group.insert(next) }
                total += 1
                try table.advance()
            }
        }
        let isLive = group.contains(id)
        if isLive { met += 1 }
        return isLive
    }

    /// How many chunks nobody asked for, though something refers to them.
    ///
    /// Throws unless the table was what had been written: else no answer counts.
    public mutating func finish() throws(CatalogError) -> Int {
        while table.id != nil {
            total += 1
            try table.advance()
        }
        try table.finish()
        return total - met
    }
}
