import VarveCodec
import VarveFormat
import VarveRepository

/// Writes the stat list in walk order, although files are finished in any order.
struct StatListWriter: ~Copyable {
    private var scan: ChunkScan
    private let parameters: ChunkerParameters
    fileprivate enum Records {
        case slice(PendingSlice)
        /// Of entries that nothing is known of.
        case unknown(Int)
    }

    /// What comes next; the first may still wait for a file.
    private var waiting: [Records?] = []
    private var first = 0
    private var pending = ByteWriter()
    private var samples = SampleBuffer()
    private var builder = ContentBuilder()

    init(_ repository: Repository) throws {
        let parameters = try repository.chunker
        self.parameters = parameters
        scan = ChunkScan(repository.gear, parameters)
    }

    mutating func append(_ slice: PendingSlice) { waiting.append(.slice(slice)) }

    /// Entries that always count as changed.
    mutating func append(unknown count: Int) { waiting.append(.unknown(count)) }

    /// Writes the records of the slices that are done.
    mutating func advance(_ writer: inout ChunkWriter) throws {
        while first < waiting.count, let records = waiting[first]?.finished() {
            for record in records { record.encode(into: &pending) }
            waiting[first] = nil
            first += 1
        }
        if first > 1024 {
            waiting.removeFirst(first)
            first = 0
        }
        if pending.bytes.count > max(TakingLimits.slabBytes, 2 * parameters.max) {
            try store(isEnd: false, &writer)
        }
    }

    /// The stat list; all files must be done.
    mutating func finish(_ writer: inout ChunkWriter) throws -> Content {
        try advance(&writer)
        try store(isEnd: true, &writer)
        return try builder.finish { try writer.storeMetadata($0) }
    }

    private mutating func store(isEnd: Bool, _ writer: inout ChunkWriter) throws {
        var cuts: [Int64] = []
        pending.bytes.withUnsafeBytes {
            scan.cut($0, isEnd: isEnd, samples: &samples, into: &cuts)
        }
        var start = 0
        for cut in cuts {
            let chunk = Array(pending.bytes[start..<Int(cut)])
            let entry = Content.Entry(id: try writer.storeMetadata(chunk), bytes: chunk.count)
            try builder.append(entry) { try writer.storeMetadata($0) }
            start = Int(cut)
        }
        pending.bytes.removeFirst(start)
    }
}

extension StatListWriter.Records {
    /// Nil while a file is not done.
    func finished() -> [StatRecord]? {
        switch self {
        case .slice(let slice): slice.finishedRecords()
        case .unknown(let count):
            Array(repeating: StatRecord(changed: 0, inode: 0, device: 0), count: count)
        }
    }
}
