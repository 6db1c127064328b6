import VarveCatalog
import VarveFormat
public import VarveRepository
import VarveSystem

extension Repository {
    /// Looks for damage: in the structure, and in all bytes of the packs that are chosen. Changes
    /// nothing; nothing that it finds ends it before everything was looked at.
    ///
    /// The index of this repository stays as the storage has it, so open it anew for other work.
    public func check(
        reading selection: PackSelection, observer: @escaping CheckObserver = { _ in }
    ) throws -> CheckReport {
        var run = CheckRun(self, observer)
        try run.run(selection)
        run.remember()
        return run.report
    }
}

/// One check, from the log to the files that are hit.
private struct CheckRun {
    private(set) var report = CheckReport()
    private let repository: Repository
    private let observer: CheckObserver
    private var broken: Set<ChunkID> = []
    private var packs: Set<PackID> = []
    private var told: Set<CheckFinding> = []

    /// How often the structure is looked at when it goes on changing.
    private static let attemptsMax = 10

    init(_ repository: Repository, _ observer: @escaping CheckObserver) {
        self.repository = repository
        self.observer = observer
    }

    mutating func run(_ selection: PackSelection) throws {
        let structure = try checkStructure()
        report.snapshots = repository.state.snapshots.count
        packs = Set(structure.packs.keys)
        report.packs = packs.count
        for finding in structure.findings { tell(finding) }
        broken = structure.broken
        try read(selection, structure)
        guard !broken.isEmpty || !structure.unreadable.isEmpty else { return }
        try trace(structure.unreadable)
    }

    /// For `status`; a machine that cannot remember has never checked.
    func remember() {
        let directory = repository.placeDirectory
        let checked = CheckedPacks(directory: directory)
        let now = Clock.wallNanoseconds()
        LastCheck(report, packs, checked, time: now).save(directory: directory)
    }

    private mutating func tell(_ finding: CheckFinding) {
        guard told.insert(finding).inserted else { return }
        report.findings.append(finding)
        observer(.found(finding))
    }

    /// What is damage only because a prune took it away meanwhile is looked at again.
    private func checkStructure() throws -> StructureCheck {
        for _ in 0..<Self.attemptsMax {
            try repository.refresh()
            let upheaval = repository.lastUpheaval
            var check = StructureCheck(repository)
            do {
                try check.run()
            } catch is CatalogError {
                try repository.rebuildIndex()
                continue
            }
            guard check.isDamaged else { return check }
            try repository.refresh()
            if repository.lastUpheaval == upheaval { return check }
        }
        throw RepositoryError.refused(
            reason: "the repository was pruned \(Self.attemptsMax) times during the check; run it "
                + "again later")
    }

    private mutating func read(_ selection: PackSelection, _ structure: StructureCheck) throws {
        let remembered = CheckedPacks(directory: repository.placeDirectory)
        let others = structure.packs.filter { !structure.suspects.contains($0.key) }
        let chosen = selection.chosen(
            from: others.map { ($0.key, $0.value.pack.bytes) }, checked: remembered.times)
        let packs = (structure.suspects.sorted() + chosen).compactMap { structure.packs[$0] }
        guard !packs.isEmpty else { return }
        let answer = try PackReading(repository, observer).run(
            packs, remembered, all: self.packs)
        report.packsRead = answer.packs
        report.bytesRead = answer.bytes
        for finding in answer.findings { tell(finding) }
        try judge(answer.chunks)
    }

    /// Of the chunks that one pack does not give, those that no other gives either are broken; so
    /// are deltas on them.
    private mutating func judge(_ chunks: Set<ChunkID>) throws {
        var reader = try ChunkReader(repository)
        func lost(_ chunks: some Sequence<ChunkID>) throws -> [ChunkID] {
            try chunks.filter { id in
                do {
                    try reader.load(id) { _ in }
                    return false
                } catch {
                    _ = try CheckFinding(error)
                    return true
                }
            }
        }
        let found = try lost(chunks)
        broken.formUnion(found)
        let catalog = try repository.catalog(following: repository.state)
        broken.formUnion(try lost(try OrphanedDeltas(catalog).deltas(on: found)))
    }

    private mutating func trace(_ unreadable: Set<SnapshotID>) throws {
        var trace = try DamageTrace(repository, broken)
        for entry in repository.state.snapshots {
            var hits = 0
            func tell(_ part: DamagedPart) {
                hits += 1
                observer(.hit(entry.id, part))
            }
            if unreadable.contains(entry.id) {
                tell(.everything)
            } else if !broken.isEmpty {
                try trace.run(try repository.manifest(entry), tell)
            }
            if hits > 0 { report.hits[entry.id] = hits }
        }
    }
}
