public import VarveFormat

/// The chunks that something refers to, in ascending order: a table, and changes to it.
struct EdgeScan: ~Copyable {
    private let table: EdgeTableScan
    private let changes: [(id: ChunkID, edges: Int64)]
    private var position = 0

    init(_ table: EdgeTableScan, _ changes: [ChunkID: Int64]) {
        self.table = table
        self.changes = changes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The next chunk and how often it is referred to; nil at the end.
    mutating func next() throws(CatalogError) -> (id: ChunkID, count: UInt32)? {
        while true {
            let id = table.id
            guard position < changes.count, id.map({ changes[position].id <= $0 }) ?? true else {
                guard let id else { return nil }
                let count = table.count
                try table.advance()
                return (id, count)
            }
            let change = changes[position]
            position += 1
            var edges = change.edges
            if id == change.id {
                edges += Int64(table.count)
                try table.advance()
            }
            guard let count = UInt32(exactly: edges) else { throw .damaged }
            if count > 0 { return (change.id, count) }
        }
    }

    /// Throws unless the table was what had been written: else nothing that it said counts.
    func finish() throws(CatalogError) { try table.finish() }
}

/// Goes through the chunks that something refers to.
public struct LiveScan: ~Copyable {
    private var scan: EdgeScan
    private var next: ChunkID?
    /// Those that begin like the one that was asked for last: the first, which mostly is alone.
    private var first: ChunkID?
    private var others: [ChunkID] = []
    private var prefix: UInt64?
    private var total = 0
    private var met = 0

    init(_ scan: consuming EdgeScan) throws(CatalogError) {
        self.scan = scan
        next = try self.scan.next()?.id
    }

    /// Whether something refers to the chunk; to be asked once for each chunk, in the order of the
    /// first eight bytes of their ids.
    public mutating func contains(_ id: ChunkID) throws(CatalogError) -> Bool {
        if prefix != id.prefix {
            first = nil
            if !others.isEmpty { others = [] }
            prefix = id.prefix
            while let next, next.prefix <= id.prefix {
                if next.prefix == id.prefix { add(next) }
                try advance()
            }
        }
        let isLive = first == id || others.contains(id)
        if isLive { met += 1 }
        return isLive
    }

    private mutating func add(_ id: ChunkID) {
        if first == nil { first = id } else { others.append(id) }
    }

    private mutating func advance() throws(CatalogError) {
        total += 1
        next = try scan.next()?.id
    }

    /// How many chunks nobody asked for, though something refers to them.
    ///
    /// Throws unless the table was what had been written: else no answer counts.
    public mutating func finish() throws(CatalogError) -> Int {
        while next != nil { try advance() }
        try scan.finish()
        return total - met
    }
}
