import VarveCatalog
import VarveFormat
import VarveRepository
import VarveStorage

/// Everything a plan is made of.
struct PrunePlanning {
    let state: RepositoryState
    let use: RepositoryUse
    let survey: StorageSurvey
    let options: PruneOptions
    /// The packs that each segment of the state, or a hold, names.
    let packsOfSegments: [SegmentID: [PackID]]
    /// Packs and segments of sessions that are still writing.
    let held: (packs: Set<PackID>, segments: Set<SegmentID>)
    /// What is sealed under older epochs and is to be sealed anew.
    let old: (packs: Set<PackID>, segments: Set<SegmentID>)
    /// Old states that nobody begins with any more.
    let oldStates: [StoredObject]
    /// What was condemned by a record from this number on is not due, however old.
    let dueBefore: UInt64
    var regrouping = Regrouping.none

    /// So many old states are worth looking for those that are in use.
    static let oldStatesMin = 8
    /// So many packs that were swept are worth a record that drops them.
    static let droppedMin = 1_024
    /// Objects of one record, so that it stays within its limit.
    static let recordObjectsMax = 4_096
    /// Segments shorter than this are short, and so many are worth merging.
    private static let shortSegmentBytes = 2 << 20
    private static let shortSegmentsMin = 16

    var plan: PrunePlan {
        var plan = PrunePlan()
        let condemned = state.condemnedPacks
        plan.decide(
            use.packs.filter { !condemned.contains($0.key) }, options,
            packBytes: state.parameters.packBytes, old: old.packs, scattered: regrouping.packs)
        judgeCondemned(&plan)
        condemnUnnamed(&plan)
        condemnSegments(&plan)
        let swept = state.sweptPacks
        let leftovers = survey.packs.filter { swept.contains($0.key) }.map(\.value) + oldStates
        plan.leftovers = leftovers.map(\.name).sorted()
        plan.dropped = dropped
        let condemnedNow = plan.leaving + plan.segmentsMerged.map { ObjectReference($0) }
        if options.isImmediate { plan.removedAtOnce = condemnedNow.filter(isNamed) }
        plan.bytesSwept =
            plan.packs(.swept).reduce(0) { $0 + bytes(of: $1.id) }
            + (plan.swept + plan.removedAtOnce).reduce(0) { $0 + bytes(of: $1) }
        plan.bytesCondemned = condemnedNow.reduce(0) { $0 + bytes(of: $1) }
        return plan
    }

    /// Whether the log has named an object, so that `isImmediate` is about it.
    private func isNamed(_ object: ObjectReference) -> Bool {
        if let pack = object.pack { return use.packs[pack] != nil }
        return object.segment.map(state.segments.contains) ?? false
    }

    /// Swept packs that nothing names and that are gone.
    private var dropped: [ObjectReference] {
        // What a segment names that cannot be read is not known.
        guard state.segments.allSatisfy({ packsOfSegments[$0] != nil }) else { return [] }
        let named = packs(namedBy: state.segments + held.segments)
        return state.swept.map(\.object).filter { object in
            object.pack.map { !named.contains($0) && survey.packs[$0] == nil } ?? false
        }
    }

    /// What was condemned before: it waits, goes, or is needed after all.
    private func judgeCondemned(_ plan: inout PrunePlan) {
        let (manifests, named) = (manifests, Set(state.segments))
        var leaving: Set<PackID> = []
        var segments: [RepositoryState.MarkedObject] = []
        for marked in state.condemned {
            let isDue =
                marked.recordNumber < dueBefore
                && survey.isRecord(
                    marked.recordNumber, olderThan: state.parameters.gracePeriodSeconds)
            if let pack = marked.object.pack {
                let isNamed = use.packs[pack] != nil
                let fate: PrunePlan.Fate =
                    use.packs[pack]?.isNeeded ?? false
                    ? .revived : isDue || isNamed && options.isImmediate ? .swept : .waits
                if fate == .swept { leaving.insert(pack) }
                if let use = use.packs[pack] {
                    plan.packs.append(PrunePlan.Pack(pack, use, fate))
                } else if fate == .swept {
                    plan.swept.append(marked.object)
                }
            } else if let manifest = marked.object.manifest {
                if manifests.contains(manifest) {
                    plan.revived.append(marked.object)
                } else if isDue {
                    plan.swept.append(marked.object)
                }
            } else if let segment = marked.object.segment {
                if isDue || options.isImmediate && named.contains(segment) {
                    segments.append(marked)
                }
            }
        }
        plan.packs.sort { $0.id < $1.id }
        judge(segments, leaving: leaving, &plan)
    }

    /// Those of live snapshots.
    private var manifests: Set<ManifestID> { Set(state.snapshots.map(\.manifest)) }

    /// A segment goes once every pack that it names is gone, or stands in another one as well.
    private func judge(
        _ marked: [RepositoryState.MarkedObject], leaving: Set<PackID>, _ plan: inout PrunePlan
    ) {
        let staying = packs(namedBy: state.standingSegments)
        for object in marked.map(\.object) {
            guard let segment = object.segment else { continue }
            let isNeeded = (packsOfSegments[segment] ?? []).contains {
                use.packs[$0] != nil && !staying.contains($0) && !leaving.contains($0)
            }
            if !isNeeded { plan.swept.append(object) }
        }
    }

    /// What crashed writers left, and the manifests of forgotten snapshots.
    private func condemnUnnamed(_ plan: inout PrunePlan) {
        let condemned = Set(state.condemned.map(\.object))
        let swept = Set(state.swept.map(\.object))
        let manifests = manifests
        let segments = Set(state.segments).union(held.segments)
        var unnamed: [ObjectReference] = []
        for (id, object) in survey.packs
        where use.packs[id] == nil && !held.packs.contains(id) && survey.isAbandoned(object) {
            let contents: PackContents =
                object.name == ObjectName.pack(id, .data) ? .data : .metadata
            unnamed.append(ObjectReference(id, contents))
        }
        for (id, object) in survey.segments
        where !segments.contains(id) && survey.isAbandoned(object) {
            unnamed.append(ObjectReference(id))
        }
        for (id, object) in survey.manifests
        where !manifests.contains(id) && survey.isAbandoned(object) {
            unnamed.append(ObjectReference(id))
        }
        plan.condemned += unnamed.filter { !condemned.contains($0) && !swept.contains($0) }
            .sorted { $0.name < $1.name }
    }

    /// Segments that name nothing any more, or mostly what is gone, and short ones that become one.
    private func condemnSegments(_ plan: inout PrunePlan) {
        let standing = state.standingSegments
        let staying = Set(plan.packs.filter { !$0.fate.isGone }.map(\.id))
        let empty = standing.filter { staying.isDisjoint(with: packsOfSegments[$0] ?? []) }
        plan.condemned += empty.map { ObjectReference($0) }
        let short = standing.filter { id in
            !empty.contains(id) && (survey.segments[id]?.bytes ?? .max) < Self.shortSegmentBytes
        }
        let worn = standing.filter { id in
            let packs = packsOfSegments[id] ?? []
            let gone = packs.count { use.packs[$0] == nil }
            return !empty.contains(id) && gone * 2 > packs.count
        }
        let older = standing.filter { !empty.contains($0) && old.segments.contains($0) }
        let merged = Set(
            worn + older + (short.count >= Self.shortSegmentsMin ? short : []))
        plan.segmentsMerged = standing.filter(merged.contains)
    }

    private func packs(namedBy segments: [SegmentID]) -> Set<PackID> {
        Set(segments.flatMap { packsOfSegments[$0] ?? [] })
    }

    private func bytes(of pack: PackID) -> Int { survey.packs[pack]?.bytes ?? 0 }

    /// Whether an object that was to go is needed by a snapshot, or by a session that still writes.
    func isNeeded(_ object: ObjectReference) -> Bool {
        if let pack = object.pack {
            return held.packs.contains(pack) || use.packs[pack]?.isNeeded ?? false
        }
        if let segment = object.segment { return held.segments.contains(segment) }
        if let manifest = object.manifest {
            return state.snapshots.contains { $0.manifest == manifest }
        }
        return false
    }

    func bytes(of object: ObjectReference) -> Int {
        if let pack = object.pack { return bytes(of: pack) }
        if let segment = object.segment { return survey.segments[segment]?.bytes ?? 0 }
        if let manifest = object.manifest { return survey.manifests[manifest]?.bytes ?? 0 }
        return 0
    }
}

extension PrunePlan.Fate {
    /// Whether this plan condemns the pack.
    var isLeaving: Bool { self == .goes || isRewritten }
    /// Whether what is needed of it is written into another pack.
    public var isRewritten: Bool {
        self == .rewritten || self == .merged || self == .resealed || self == .regrouped
    }
    /// Whether no segment has to name it any more.
    var isGone: Bool { isLeaving || self == .swept }
}
