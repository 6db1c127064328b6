import VarveCatalog
import VarveFormat
import VarveRepository

/// Whether every chunk that trees refer to is in the index, as long as they say, and every tree can
/// be read; each branch is read once.
struct TreeCheck {
    private let repository: Repository
    private let catalog: Catalog
    private var seen: Set<Reference> = []
    private var recent = RecentReferences()
    private var missing: Set<ChunkID> = []
    private var unread: Set<ChunkID> = []
    private var damage: Set<CheckFinding> = []
    private let orphans: Set<ChunkID>
    /// How often snapshots need deltas of which no base is there.
    private(set) var orphansNeeded = 0

    init(
        _ repository: Repository, _ state: RepositoryState, orphans: Set<ChunkID> = []
    ) throws {
        self.repository = repository
        self.orphans = orphans
        catalog = try repository.catalog(following: state)
    }

    /// Chunks that cannot be had.
    var broken: Set<ChunkID> { missing.union(unread) }

    var findings: [CheckFinding] {
        var findings = damage.sorted { ($0.object, $0.reason) < ($1.object, $1.reason) }
        if let first = missing.min() {
            findings.append(
                CheckFinding(
                    .damage, "\(missing.count) chunks that snapshots need",
                    "no pack that can be found holds them; the first is \(first)"))
        }
        return findings
    }

    mutating func run(_ roots: [Reference]) throws {
        var cursor = CatalogCursor()
        var walk = try ReferenceWalk(repository)
        try walk.run(roots) { reference in
            if reference.isBranch {
                guard seen.insert(reference).inserted else { return false }
            } else if recent.contains(reference) {
                return false
            }
            if orphans.contains(reference.id) { orphansNeeded += 1 }
            guard let place = try catalog.lookup(reference.id, &cursor) else {
                missing.insert(reference.id)
                return false
            }
            // A list covers more than its own bytes.
            if reference.levels == 0, Int(place.rawBytes) != reference.bytes {
                note(
                    reference,
                    CheckFinding(
                        .damage, "chunk \(reference.id)",
                        "a tree says that it has \(reference.bytes) bytes, the index says "
                            + "\(place.rawBytes)"))
                return false
            }
            if !reference.isBranch { recent.insert(reference) }
            return true
        } damaged: { reference, error in
            note(reference, try CheckFinding(error))
        }
    }

    private mutating func note(_ reference: Reference, _ finding: CheckFinding) {
        unread.insert(reference.id)
        damage.insert(finding)
    }
}
