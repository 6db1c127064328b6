import VarveCatalog
import VarveFormat
import VarveRepository

/// Which copies of chunks are kept, and what that makes of each pack that the log names.
///
/// Of each chunk that a snapshot needs one copy is kept: in a pack that stays rather than in one that
/// is about to go, a full one rather than a delta, the older rather than the newer. A delta in a pack
/// that stays keeps a full copy of its base, whether a snapshot needs either or not: so whatever lies
/// in a pack that stays can be read.
struct RepositoryUse {
    private(set) var packs: [PackID: PackUse] = [:]
    /// Bases that nothing but deltas needs, each with its kept copy and the deltas on it.
    private(set) var bases: [ChunkID: Base] = [:]

    struct Base {
        var copy: Copy
        var rawBytes: Int
        var deltas: [Delta] = []
    }

    struct Delta {
        var id: ChunkID
        var copy: Copy
    }

    /// Measures `state`; `leaving` are the packs that are about to go.
    ///
    /// Throws `.damaged` when a chunk that a snapshot needs is nowhere, or a tree cannot be read: then
    /// nothing may go.
    init(
        _ repository: Repository, _ state: RepositoryState, _ mark: inout Mark,
        leaving: Set<PackID>, naming: [SegmentID] = []
    ) throws {
        try self.init(repository, state, &mark, leaving, naming, isSupposed: false)
        releaseBases(leaving)
    }

    /// Measures what a state needs that need not be that of any log, and is not remembered: as if every pack were
    /// written anew, so that deltas that nobody needs keep no base.
    init(
        supposing state: RepositoryState, in repository: Repository, _ mark: inout Mark
    ) throws {
        try self.init(repository, state, &mark, state.condemnedPacks, [], isSupposed: true)
    }

    private init(
        _ repository: Repository, _ state: RepositoryState, _ mark: inout Mark,
        _ leaving: Set<PackID>, _ naming: [SegmentID], isSupposed: Bool
    ) throws {
        let catalog = try repository.catalog(following: state)
        // A condemned segment may be damaged or gone, so that only this machine's cache still knows
        // what it said.
        let named = catalog.packs(namedBy: state.standingSegments + naming)
        // What is left of a base may still be had, as long as nothing goes.
        let orphans = state.lost.isEmpty ? [] : Set(try OrphanedDeltas(catalog).withoutBase())
        let ((use, orphaned), missed) = try mark.read(state, isRemembered: !isSupposed) { scan in
            var survey = CopySurvey(
                catalog, leaving: leaving, named: named, keepsIdleDeltas: !isSupposed)
            var orphaned = 0
            try catalog.forEachChunkWithCopies { id, copies in
                let isNeeded = try scan.contains(id)
                if isNeeded, orphans.contains(id) { orphaned += 1 }
                survey.add(id, copies, isNeeded: isNeeded)
            }
            return (survey, orphaned)
        }
        guard missed + orphaned == 0 else {
            throw RepositoryError.damaged(
                object: "\(missed + orphaned) chunks that snapshots need",
                reason: "no pack holds them",
                affects: "nothing is removed before that is mended")
        }
        packs = use.packs()
        bases = use.bases()
        for base in bases.values {
            packs[base.copy.pack]?.frames[base.copy.frame]?
                .keep(base.copy.position, rawBytes: base.rawBytes)
        }
    }

    /// A pack in which nothing is needed takes its deltas with it, and they need no base.
    ///
    /// Not one that is about to go before them: until they are condemned, too, somebody may come to
    /// rely on them.
    private mutating func releaseBases(_ leaving: Set<PackID>) {
        var isDone = false
        while !isDone {
            isDone = true
            for (id, base) in bases
            where !leaving.contains(base.copy.pack)
                && base.deltas.allSatisfy({ !(packs[$0.copy.pack]?.isNeeded ?? false) })
            {
                bases[id] = nil
                packs[base.copy.pack]?.frames[base.copy.frame]?
                    .release(base.copy.position, rawBytes: base.rawBytes)
                isDone = false
            }
        }
    }
}

extension FrameUse {
    mutating func keep(_ position: UInt16, rawBytes: Int) {
        if used.insert(position) { rawBytesUsed += rawBytes }
    }

    fileprivate mutating func release(_ position: UInt16, rawBytes: Int) {
        if used.remove(position) { rawBytesUsed -= rawBytes }
    }
}
