import VarveCatalog
import VarveFormat
public import VarveRepository
import VarveSystem

extension Repository {
    /// Names again, in new segments, the packs that damaged or missing segments named.
    ///
    /// The index of this repository is made anew, past this machine's cache.
    public func repairIndex(
        isDryRun: Bool = false, observer: @escaping RepairObserver = { _ in }
    ) throws -> IndexRepairReport {
        var run = IndexRepair(self, observer)
        return try run.run(isDryRun: isDryRun)
    }
}

/// One run of `repair index`.
private struct IndexRepair {
    private let repository: Repository
    private let observer: RepairObserver
    private var report = IndexRepairReport()
    /// Packs that are copied: those whose tables of contents cannot be read, and those that may be
    /// taken back; each with what can be read of its frames.
    private var loose: [PackID: TableOfContents] = [:]

    private static let attemptsMax = 10
    private static let silent: RepairObserver = { _ in }

    init(_ repository: Repository, _ observer: @escaping RepairObserver) {
        self.repository = repository
        self.observer = observer
    }

    mutating func run(isDryRun: Bool) throws -> IndexRepairReport {
        for attempt in 0..<Self.attemptsMax {
            try repository.refresh()
            let state = repository.state
            let tell = attempt == 0 ? observer : Self.silent
            let unnamed = try UnnamedPacks(repository, state) { finding in tell(.found(finding)) }
            report = IndexRepairReport(
                segmentsDamaged: unnamed.segmentsDamaged.count, packsUnnamed: unnamed.packs.count)
            let needs = try find(unnamed, state, tell)
            let needed = needs.packs
            let lost = needs.missing.subtracting(try repository.unresolvedChunks())
            report.chunksLost = lost.count
            report.unread = needs.unread.count
            for finding in needs.unread.sorted(by: { $0.object < $1.object }) {
                tell(.found(finding))
            }
            report.packsCopied = needed.count { loose[$0] != nil }
            report.packsNamed = needed.count - report.packsCopied
            guard !isDryRun, !report.isNothing else { return report }
            // First: from the next record on nobody would suspect the index.
            try repository.append(lost.sorted().map { LostCopy(chunk: $0, pack: .zero) })
            guard !needed.isEmpty || !unnamed.segmentsDamaged.isEmpty else { return report }
            if try write(needed, unnamed) { return report }
        }
        throw RepositoryError.refused(
            reason:
                "the repository was changed \(Self.attemptsMax) times during the repair; run it "
                + "again later")
    }

    /// Which unnamed packs are needed, found with an index that knows all of them.
    private mutating func find(
        _ unnamed: UnnamedPacks, _ state: RepositoryState, _ tell: RepairObserver
    ) throws -> NeededPacks {
        try repository.distrustCache(missing: unnamed.missing)
        tell(.reading(bytes: unnamed.packs.values.reduce(0) { $0 + $1.bytes }))
        loose = [:]
        var gathered = GatheredPacks()
        for (id, pack) in unnamed.packs.sorted(by: { $0.key < $1.key }) {
            if Interrupts.isRequested { throw RepositoryError.interrupted }
            do {
                let table = try repository.tableOfContents(
                    of: ObjectName.pack(id, pack.contents))
                try gathered.add(Segment.Pack(id: id, bytes: table.bytes, table: table.table)) {
                    try repository.tryOut($0)
                }
            } catch {
                tell(.found(try CheckFinding(error)))
                loose[id] = TableOfContents(contents: pack.contents)
            }
            tell(.read(bytes: pack.bytes))
        }
        try gathered.finish { try repository.tryOut($0) }
        try scanLoose(unnamed)
        let needed = try NeededPacks(repository, state, unnamed)
        try scanPassing(needed.packs, unnamed)
        try repository.endTrial()
        return needed
    }

    /// A pack that may be taken back any moment must not be named.
    private mutating func scanPassing(_ needed: Set<PackID>, _ unnamed: UnnamedPacks) throws {
        let passing = needed.intersection(unnamed.passing).filter { loose[$0] == nil }
        guard !passing.isEmpty else { return }
        var scan = try PackScan(repository)
        for id in passing.sorted() {
            guard let pack = unnamed.packs[id] else { continue }
            loose[id] = try scan.table(of: id, pack.contents, bytes: pack.bytes, withDeltas: true)
        }
    }

    /// Full chunks first, for the bases of deltas may lie in any pack.
    private mutating func scanLoose(_ unnamed: UnnamedPacks) throws {
        guard !loose.isEmpty else { return }
        for withDeltas in [false, true] {
            var scan = try PackScan(repository)
            for (id, pack) in unnamed.packs.sorted(by: { $0.key < $1.key }) where loose[id] != nil {
                let table = try scan.table(
                    of: id, pack.contents, bytes: pack.bytes, withDeltas: withDeltas)
                try repository.tryOut([Segment.Pack(id: id, bytes: table.frameBytes, table: table)])
                loose[id] = table
            }
        }
    }

    /// Writes the segments and one record; false when the log has gone on too far for it.
    private mutating func write(
        _ needed: Set<PackID>, _ unnamed: UnnamedPacks
    ) throws -> Bool {
        try WriteSession.run(repository) { session in
            var replacements: [SegmentID] = []
            var gathered = GatheredPacks()
            for id in needed.sorted() where loose[id] == nil {
                guard let pack = unnamed.packs[id] else { continue }
                let (bytes, table) = try repository.tableOfContents(
                    of: ObjectName.pack(id, pack.contents))
                try gathered.add(Segment.Pack(id: id, bytes: bytes, table: table)) {
                    replacements.append(try session.put(Segment(packs: $0)))
                }
            }
            try gathered.finish { replacements.append(try session.put(Segment(packs: $0))) }
            var writer = try ChunkWriter(session)
            for id in needed.sorted() {
                guard let table = loose[id] else { continue }
                // It was there when it was chosen.
                guard !table.frames.isEmpty else { return false }
                do {
                    for frame in table.frames { try writer.copy(frame, of: id, table.contents) }
                } catch RepositoryError.damaged where unnamed.passing.contains(id) {
                    return false
                }
            }
            try writer.flush()
            replacements += try session.finish()
            return try append(unnamed.segmentsDamaged, replacements, needed, session)
        }
    }

    private func append(
        _ damaged: [SegmentID], _ replacements: [SegmentID], _ named: Set<PackID>,
        _ session: WriteSession
    ) throws -> Bool {
        var rest = damaged[...]
        var replacements = replacements
        repeat {
            let some = rest.prefix(PrunePlanning.recordObjectsMax).map { ObjectReference($0) }
            let number = try repository.append { state in
                let swept = state.sweptPacks
                let condemned = Set(state.condemned.map(\.object))
                guard swept.isDisjoint(with: named), condemned.isDisjoint(with: some),
                    Set(state.segments).isSuperset(of: some.compactMap(\.segment))
                else { return nil }
                session.keep()
                return .condemn(Condemnation(objects: some, replacements: replacements))
            }
            guard number != nil else { return false }
            rest = rest.dropFirst(some.count)
            replacements = []
        } while !rest.isEmpty
        return true
    }
}

/// Packs that become one segment when they are enough.
struct GatheredPacks {
    private var packs: [Segment.Pack] = []
    private var bytes = 0

    mutating func add(_ pack: Segment.Pack, _ put: ([Segment.Pack]) throws -> Void) throws {
        packs.append(pack)
        bytes += pack.table.byteCountAtMost
        if bytes >= SegmentMerge.bytesMax { try finish(put) }
    }

    mutating func finish(_ put: ([Segment.Pack]) throws -> Void) throws {
        guard !packs.isEmpty else { return }
        try put(packs)
        (packs, bytes) = ([], 0)
    }
}
