import VarveCatalog
import VarveFormat
public import VarveRepository
import VarveSystem

extension Repository {
    /// Writes what can be read of damaged packs anew, says in the log what cannot be read, and
    /// fetches that from `sibling` when it is given.
    ///
    /// Without a sibling `allAreMissing` is told their number when not one pack is in the storage:
    /// perhaps they are only elsewhere, and what it throws ends the repair.
    public func repairPacks(
        from sibling: Repository? = nil, isDryRun: Bool = false,
        allAreMissing: @escaping (Int) throws -> Void = { _ in },
        observer: @escaping RepairObserver = { _ in }
    ) throws -> PacksRepairReport {
        var run = PacksRepair(self, sibling, allAreMissing, observer)
        return try run.run(isDryRun: isDryRun)
    }
}

/// One run of `repair packs`.
private struct PacksRepair {
    private let repository: Repository
    private let sibling: Repository?
    private let allAreMissing: (Int) throws -> Void
    private let observer: RepairObserver
    private var report = PacksRepairReport()
    /// What kind each pack is of that the log names.
    private var kinds: [PackID: PackContents] = [:]

    init(
        _ repository: Repository, _ sibling: Repository?,
        _ allAreMissing: @escaping (Int) throws -> Void, _ observer: @escaping RepairObserver
    ) {
        self.repository = repository
        self.sibling = sibling
        self.allAreMissing = allAreMissing
        self.observer = observer
    }

    mutating func run(isDryRun: Bool) throws -> PacksRepairReport {
        // What is lost may lie in a pack that nobody needed before, and that no segment names.
        while try mend(isDryRun: isDryRun), !isDryRun, try !repository.repairIndex().isNothing {}
        if !isDryRun { report.chunksMissing = try heal() }
        return report
    }

    /// Whether something was lost.
    private mutating func mend(isDryRun: Bool) throws -> Bool {
        try repository.refresh()
        let state = repository.state
        let damaged = try DamagedPacks(repository, state, observer)
        kinds = damaged.contents
        report.packsRead += damaged.packsRead
        report.bytesRead += damaged.bytesRead
        let condemned = state.condemnedPacks
        let leaving = damaged.packs.values.filter {
            $0.isDamaged && !condemned.contains($0.pack.id)
        }.sorted { $0.pack.id < $1.pack.id }
        let lost = copies(of: damaged, beside: state)
        report.packsDamaged += leaving.count
        report.copiesLost += lost.count
        if isDryRun { return true }
        if let count = damaged.countIfAllAreMissing, !lost.isEmpty, sibling == nil {
            try allAreMissing(count)
        }
        // First what is lost: when this ends right behind it, the next repair finds the packs again.
        try repository.append(lost)
        try rewrite(damaged, leaving)
        return !lost.isEmpty
    }

    private func copies(of damaged: DamagedPacks, beside state: RepositoryState) -> [LostCopy] {
        let known = Set(state.lost)
        return damaged.packs.values.flatMap { pack in
            pack.copies.map { LostCopy(chunk: $0, pack: pack.pack.id) }
        }.filter { !known.contains($0) }.sorted { ($0.pack, $0.chunk) < ($1.pack, $1.chunk) }
    }

    /// Writes what can be read of them into new packs, and condemns those in `leaving`.
    private mutating func rewrite(
        _ damaged: DamagedPacks, _ leaving: [DamagedPacks.Pack]
    ) throws {
        try repository.refresh()
        let leavingIDs = Set(leaving.map(\.pack.id))
        let unresolved = try unresolved(besides: leavingIDs)
        let others = damaged.packs.values.filter { pack in
            !leavingIDs.contains(pack.pack.id) && !pack.isMissing
        }.sorted { $0.pack.id < $1.pack.id }
        guard !leaving.isEmpty || (!others.isEmpty && !unresolved.isEmpty) else { return }
        try WriteSession.run(repository) { session in
            var salvage = try Salvage(session)
            let leaving = try leaving.filter { pack in
                if pack.isMissing { return true }
                return try salvage.save(pack, try damaged.table(of: pack)) {
                    !pack.copies.contains($0)
                }
            }
            for pack in others {
                _ = try salvage.save(pack, try damaged.table(of: pack)) {
                    unresolved.contains($0) && !pack.copies.contains($0)
                }
            }
            try salvage.flush()
            let written = try session.finish()
            report.bytesWritten += session.counts.storedBytes
            try condemn(leaving, replacements: written, session)
        }
    }

    /// Chunks that do not resolve, and of which no copy lies in a pack that stays: one whose base is
    /// lost is kept only once.
    private func unresolved(besides leaving: Set<PackID>) throws -> Set<ChunkID> {
        let catalog = try repository.catalog(following: repository.state)
        let going = repository.state.condemnedPacks.union(leaving)
        var cursor = CatalogCursor()
        return try repository.unresolvedChunks().filter { id in
            try catalog.places(id, &cursor).allSatisfy { going.contains(catalog.packID($0.pack)) }
        }
    }

    private func condemn(
        _ packs: [DamagedPacks.Pack], replacements: [SegmentID], _ session: WriteSession
    ) throws {
        var rest = packs[...]
        var replacements = replacements
        while !rest.isEmpty || !replacements.isEmpty {
            let some = rest.prefix(PrunePlanning.recordObjectsMax).map {
                ObjectReference($0.pack.id, $0.pack.contents)
            }
            try repository.append { state in
                let gone = Set(state.condemned.map(\.object)).union(state.swept.map(\.object))
                let new = some.filter { !gone.contains($0) }
                guard !new.isEmpty || !replacements.isEmpty else { return nil }
                session.keep()
                return .condemn(Condemnation(objects: new, replacements: replacements))
            }
            rest = rest.dropFirst(some.count)
            replacements = []
        }
    }

    /// Fetches what is nowhere from the sibling; how many chunks are still nowhere.
    private mutating func heal() throws -> Int {
        var tried: Set<ChunkID> = []
        while true {
            try repository.refresh()
            let missing = try MissingChunks(repository, repository.state, kinds)
            // Lists and directories that came back name more.
            let wanted = missing.chunks.filter { tried.insert($0.key).inserted }
            guard let sibling, !wanted.isEmpty else { return missing.neededCount }
            let fetched = try WriteSession.run(repository) { session in
                let count = try fetch(wanted, from: sibling, session)
                guard count > 0 else { return 0 }
                let written = try session.finish()
                report.bytesWritten += session.counts.storedBytes
                try condemn([], replacements: written, session)
                return count
            }
            report.chunksFetched += fetched
        }
    }

    private func fetch(
        _ wanted: [ChunkID: PackContents], from sibling: Repository, _ session: WriteSession
    ) throws -> Int {
        var writer = try ChunkWriter(session)
        var reader = try ChunkReader(sibling)
        var count = 0
        for (id, contents) in wanted.sorted(by: { $0.key < $1.key }) {
            if Interrupts.isRequested { throw RepositoryError.interrupted }
            do {
                try reader.load(id) { try writer.addFull($0, id: id, contents) }
                count += 1
            } catch {
                _ = try CheckFinding(error)
            }
        }
        try writer.flush()
        return count
    }
}
