import VarveCatalog
import VarveFormat
import VarveRepository
import VarveStorage

/// Whether all that one state of the log speaks of is there; reads no file content.
struct StructureCheck {
    private let repository: Repository
    private let state: RepositoryState
    /// What nobody begins to rely on: its damage costs nothing that is not told elsewhere.
    private let condemned: Set<ObjectReference>
    private(set) var findings: [CheckFinding] = []
    /// Packs that the segments name and the storage holds, each with a segment that names it.
    private(set) var packs: [PackID: (pack: IndexedPack, segment: SegmentID)] = [:]
    /// Those of another length than the segments say.
    private(set) var suspects: Set<PackID> = []
    /// Snapshots whose manifests cannot be read.
    private(set) var unreadable: Set<SnapshotID> = []
    /// Chunks that cannot be had.
    private(set) var broken: Set<ChunkID> = []

    init(_ repository: Repository) {
        self.repository = repository
        state = repository.state
        condemned = Set(state.condemned.map(\.object))
    }

    var isDamaged: Bool { findings.contains { $0.weight == .damage } }

    mutating func run() throws {
        try step { try $0.findings += $0.repository.checkLog() }
        try step { try $0.findings += $0.repository.checkKeys() }
        try step { try $0.checkSegments() }
        try step { try $0.checkPacks() }
        try step { try $0.checkSnapshots() }
    }

    /// Damage that ends one step leaves the others to be taken.
    private mutating func step(_ body: (inout StructureCheck) throws -> Void) throws {
        do {
            try body(&self)
        } catch {
            findings.append(try CheckFinding(error))
        }
    }

    private mutating func checkSegments() throws {
        var isWhole = true
        let swept = state.sweptPacks
        for id in state.segments {
            do {
                for pack in try repository.segment(id).packs where !swept.contains(pack.id) {
                    note(IndexedPack(pack), id)
                }
            } catch {
                note(try CheckFinding(error), ObjectReference(id))
                isWhole = false
            }
        }
        // The cache may still know what a damaged segment said; other machines do not.
        if !isWhole { try repository.distrustCache(missing: []) }
    }

    private mutating func note(_ finding: CheckFinding, _ object: ObjectReference) {
        findings.append(condemned.contains(object) ? finding.ofCondemned : finding)
    }

    private mutating func note(_ pack: IndexedPack, _ segment: SegmentID) {
        guard let known = packs[pack.id] else {
            packs[pack.id] = (pack, segment)
            return
        }
        guard known.pack != pack else { return }
        findings.append(
            CheckFinding(
                .damage, ObjectName.segment(segment),
                "it says of pack \(pack.id.hex.prefix(8)) something else than "
                    + "\(ObjectName.segment(known.segment))"))
    }

    private mutating func checkPacks() throws {
        let stored: [StoredObject]
        do {
            stored = try repository.storage.list(ObjectName.packs)
        } catch {
            throw RepositoryError.storage(error)
        }
        let lengths = Dictionary(stored.map { ($0.name, $0.bytes) }) { first, _ in first }
        var missing: Set<PackID> = []
        for (id, (pack, _)) in packs.sorted(by: { $0.key < $1.key }) {
            guard let bytes = lengths[pack.name] else {
                note(
                    CheckFinding(.damage, pack.name, "it is missing"),
                    ObjectReference(id, pack.contents))
                missing.insert(id)
                continue
            }
            guard bytes != pack.bytes else { continue }
            note(
                CheckFinding(
                    .damage, pack.name, "it has \(bytes) bytes, and should have \(pack.bytes)"),
                ObjectReference(id, pack.contents))
            suspects.insert(id)
        }
        guard !missing.isEmpty else { return }
        for id in missing { packs[id] = nil }
        try repository.distrustCache(missing: missing)
    }

    private mutating func checkSnapshots() throws {
        var roots: [Reference] = []
        for entry in state.snapshots {
            do {
                roots += try repository.references(entry)
            } catch {
                findings.append(try CheckFinding(error))
                unreadable.insert(entry.id)
            }
        }
        let orphans = try OrphanedDeltas(repository.catalog(following: state)).withoutBase()
        var walk = try TreeCheck(repository, state, orphans: Set(orphans))
        try walk.run(roots)
        findings += walk.findings
        broken.formUnion(walk.broken)
        guard !orphans.isEmpty else { return }
        broken.formUnion(orphans)
        // What no snapshot needs of those whose bases are known to be lost goes with a prune.
        let isKnown = !state.lost.isEmpty && walk.orphansNeeded == 0
        findings.append(
            CheckFinding(
                isKnown ? .warning : .damage, "\(orphans.count) chunks",
                "they are deltas, and no pack holds their bases"))
    }
}

extension Repository {
    /// The chunks that the manifest of a snapshot names.
    func references(_ entry: RepositoryState.SnapshotEntry) throws -> [Reference] {
        let manifest = try manifest(entry)
        do throws(FormatError) {
            return try manifest.references()
        } catch {
            throw RepositoryError.damaged(
                ObjectName.manifest(entry.manifest), error.description)
        }
    }
}
