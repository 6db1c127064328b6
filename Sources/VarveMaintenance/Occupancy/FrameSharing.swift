import VarveCatalog
import VarveFormat
import VarveRepository

/// Shares out the stored bytes of frames among those whom their chunks belong to, by plain bytes.
struct FrameSharing {
    private let catalog: Catalog
    private var owners: OwnerTable
    private var choice: CopyChoice
    private var rows = FrameRows()
    private var frames: [Frame] = []
    /// Plain bytes of the chunks of one owner in one frame.
    private var shares: [Share: Int] = [:]
    private var chunks: [Int: Int] = [:]

    private struct Frame {
        var bytes: Int
        var rawBytes = 0

        /// The stored bytes that so many of the plain ones take.
        func share(of part: Int) -> Int { bytes * part / max(rawBytes, 1) }
    }

    private struct Share: Hashable {
        var frame: Int
        /// Nil for several.
        var snapshot: Int?
    }

    init(_ catalog: Catalog, _ owners: OwnerTable, _ choice: CopyChoice) {
        (self.catalog, self.owners, self.choice) = (catalog, owners, choice)
    }

    /// A base belongs to whoever needs a delta on it, too.
    mutating func takeBasesAlong() throws {
        var bases: [(prefix: UInt64, owner: Owner)] = []
        try catalog.forEachChunkWithCopies { id, copies in
            let owner = owners[id.prefix]
            guard owner != .nobody else { return }
            choice.meet(copies)
            guard let kept = choice.best(copies), copies[kept].isDelta else { return }
            bases.append((copies[kept].base, owner))
        }
        for base in bases { owners.join(base.prefix, base.owner) }
    }

    mutating func measure() throws {
        try catalog.forEachChunkWithCopies { id, copies in
            choice.meet(copies)
            let owner = owners[id.prefix]
            let kept = owner == .nobody ? nil : choice.best(copies)
            for (index, place) in zip(copies.indices, copies) {
                let row = row(of: place)
                frames[row].rawBytes += Int(place.rawBytes)
                if index == kept { add(owner, row, Int(place.rawBytes)) }
            }
        }
    }

    private mutating func row(of place: ChunkPlace) -> Int {
        let row = rows.row(of: UInt64(place.pack) << 32 | UInt64(place.frameOffset))
        if row == frames.count { frames.append(Frame(bytes: Int(place.frameBytes))) }
        return row
    }

    private mutating func add(_ owner: Owner, _ row: Int, _ rawBytes: Int) {
        switch owner {
        case .nobody: break
        case .several: shares[Share(frame: row, snapshot: nil), default: 0] += rawBytes
        case .one(let number):
            shares[Share(frame: row, snapshot: number), default: 0] += rawBytes
            chunks[number, default: 0] += 1
        }
    }

    func occupancy(of entries: [RepositoryState.SnapshotEntry]) -> RepositoryOccupancy {
        var occupancy = RepositoryOccupancy()
        occupancy.parts = entries.enumerated().map { number, entry in
            .init(snapshot: entry, chunksUnique: chunks[number] ?? 0)
        }
        var unused = frames.map(\.rawBytes)
        for (share, rawBytes) in shares {
            unused[share.frame] -= rawBytes
            let bytes = frames[share.frame].share(of: rawBytes)
            if let snapshot = share.snapshot {
                occupancy.parts[snapshot].bytesUnique += bytes
            } else {
                occupancy.bytesShared += bytes
            }
        }
        occupancy.bytesUnused = zip(frames, unused).reduce(0) { $0 + $1.0.share(of: $1.1) }
        return occupancy
    }
}
