import VarveCatalog
import VarveFormat
public import VarveRepository
import VarveStorage
import VarveSystem

/// What a prune did.
public struct PruneReport: Sendable, Equatable {
    public var packsSwept = 0
    public var packsCondemned = 0
    /// Of those that were condemned, how many stay until a later prune.
    public var packsLater = 0
    public var packsRevived = 0
    /// Stored bytes of what was removed, of what was condemned, and of what was written anew.
    public var bytesSwept = 0
    public var bytesCondemned = 0
    public var bytesWritten = 0
    /// There was no room to write anything anew.
    public var isFull = false
    /// What could not be read of packs that were to be written anew, or of other objects.
    public var damaged: [String] = []
    /// Something that snapshots need could not be read anywhere: so nothing was condemned or removed.
    public var isStopped = false
}

extension Repository {
    /// What `prune` would do now.
    public func planPrune(_ options: PruneOptions) throws -> PrunePlan {
        var run = try PruneRun(self, options, isDryRun: true)
        var planning = try run.planning()
        planning.regrouping = try Regrouping(self, planning.state, planning.use)
        return planning.plan
    }

    /// Removes what was condemned long enough ago and condemns what nothing needs now.
    public func prune(_ options: PruneOptions) throws -> PruneReport {
        // It was given up to make room, which there is again.
        defer { renewReserve() }
        var run = try PruneRun(self, options, isDryRun: false)
        return try run.prune()
    }
}

/// One run of `prune`: every record is made for a state that was marked, and for no later one.
struct PruneRun: ~Copyable {
    private let repository: Repository
    private let options: PruneOptions
    private let isDryRun: Bool
    private var mark: Mark
    private var epochs = EpochSurvey()
    private var report = PruneReport()
    /// Packs that this run has condemned, and not swept.
    private var condemned: Set<ObjectReference> = [] {
        didSet { report.packsLater = condemned.count }
    }
    /// What was condemned by a record from this number on is not due yet.
    private var dueBefore = UInt64.max

    init(_ repository: Repository, _ options: PruneOptions, isDryRun: Bool) throws {
        let mark = try Mark(repository)
        self.repository = repository
        self.options = options
        self.isDryRun = isDryRun
        self.mark = mark
    }

    mutating func prune() throws -> PruneReport {
        let first = try revive()
        dueBefore = first.state.number
        // What goes may hold the only whole copy of what is written anew: so it goes behind that.
        try condemn(first)
        guard !report.isStopped else { return report }
        if options.isImmediate || first.plan.isSweeping { try sweep() }
        if report.isFull, report.packsSwept > 0 {
            // There is more room now.
            report.isFull = false
            try condemn(try planning())
            guard !report.isStopped else { return report }
            if options.isImmediate { try sweep() }
        }
        if let directory = repository.storage as? DirectoryStorage {
            directory.removeUnfinished(before: first.survey.time(before: first.state.parameters))
        }
        if options.reseals { try resealManifests() }
        LastPrune(time: Clock.wallNanoseconds())
            .save(directory: repository.placeDirectory)
        return report
    }

    /// What is under older epochs, of all that `state` names and nobody condemned.
    private mutating func old(
        _ state: RepositoryState, _ use: RepositoryUse
    ) throws -> (packs: Set<PackID>, segments: Set<SegmentID>) {
        guard options.reseals else { return ([], []) }
        var old: (packs: Set<PackID>, segments: Set<SegmentID>) = ([], [])
        for (id, pack) in use.packs {
            let name = ObjectName.pack(id, pack.contents)
            if try epochs.isOld(name, repository) { old.packs.insert(id) }
        }
        for id in state.segments {
            if try epochs.isOld(ObjectName.segment(id), repository) { old.segments.insert(id) }
        }
        return old
    }

    private mutating func resealManifests() throws {
        for entry in repository.state.snapshots {
            if Interrupts.isRequested { throw RepositoryError.interrupted }
            let name = ObjectName.manifest(entry.manifest)
            guard try epochs.isOld(name, repository) else { continue }
            do {
                _ = try repository.resealManifest(entry)
            } catch RepositoryError.damaged(let object, let reason, _) {
                report.damaged.append("\(object): \(reason)")
            }
        }
    }

    /// Looks at the log's head and the storage, and marks.
    ///
    /// `leaving` is about to go, and `naming` are segments that are about to come.
    mutating func planning(
        leaving: Set<PackID> = [], naming: [SegmentID] = []
    ) throws -> PrunePlanning {
        if Interrupts.isRequested { throw RepositoryError.interrupted }
        try repository.refresh()
        let state = repository.state
        let survey = try survey(state)
        let use: RepositoryUse
        do {
            use = try RepositoryUse(
                repository, state, &mark, leaving: state.condemnedPacks.union(leaving),
                naming: naming)
            // What this machine remembers of a snapshot it marks without reading it.
            if let (object, reason) = survey.unfit(for: use, state) {
                throw RepositoryError.damaged(
                    object: object, reason: reason,
                    affects: "nothing is removed before that is mended")
            }
        } catch RepositoryError.damaged(let object, let reason, let affects) {
            try repository.refresh()
            // Somebody else may have swept it in between.
            guard repository.state.number == state.number else {
                // A walk that ended within a snapshot has left counts of half of it.
                mark = try Mark(repository)
                return try planning(leaving: leaving, naming: naming)
            }
            throw RepositoryError.damaged(object: object, reason: reason, affects: affects)
        }
        var packs = try repository.catalog(following: state).packsOfSegments
        var held: (packs: Set<PackID>, segments: Set<SegmentID>) = ([], [])
        for hold in state.holds
        where !survey.isRecord(hold.recordNumber, olderThan: state.parameters.gracePeriodSeconds) {
            for id in hold.segments {
                held.segments.insert(id)
                do {
                    let named = try repository.segment(id).packs.map(\.id)
                    packs[id] = named
                    held.packs.formUnion(named)
                } catch RepositoryError.damaged {
                    // A session that has ended may have taken it back.
                }
            }
        }
        return PrunePlanning(
            state: state, use: use, survey: survey, options: options, packsOfSegments: packs,
            held: held, old: try old(state, use), oldStates: try oldStates(survey),
            dueBefore: dueBefore)
    }

    private func survey(_ state: RepositoryState) throws -> StorageSurvey {
        // What is due makes room, and without the time nothing may be known to be.
        let isSweeping = !isDryRun && !state.condemned.isEmpty
        return try StorageSurvey(
            repository.storage, state,
            givingUpReserveOf: isSweeping ? repository.storage as? DirectoryStorage : nil)
    }

    private func oldStates(_ survey: StorageSurvey) throws -> [StoredObject] {
        let old = survey.states.filter { survey.isAbandoned($0.value) }
        guard old.count >= PrunePlanning.oldStatesMin,
            let inUse = try repository.statesInUse()
        else { return [] }
        return old.filter { !inUse.contains($0.key) }.map(\.value)
    }

    /// Appends a record that was made for `state`; false when the log has gone on.
    private func append(_ event: LogEvent, to state: RepositoryState) throws -> Bool {
        try repository.append { $0.number == state.number ? event : nil } != nil
    }

    /// Revives what was condemned before and is needed; returns what is left to do.
    private mutating func revive() throws -> PrunePlanning {
        while true {
            let planning = try planning()
            let plan = planning.plan
            let revived =
                plan.packs(.revived).map { ObjectReference($0.id, $0.contents) }
                + plan.revived
            guard !revived.isEmpty else { return planning }
            let some = Array(revived.prefix(PrunePlanning.recordObjectsMax))
            if try append(.revive(some), to: planning.state) {
                report.packsRevived += some.count { $0.pack != nil }
            }
        }
    }

    /// Removes what was condemned before.
    private mutating func sweep() throws {
        while true {
            let planning = try revive()
            let plan = planning.plan
            try remove(plan.leftovers)
            // Packs before the segments that name them: a writer looks for its packs.
            let swept =
                plan.packs(.swept).map { ObjectReference($0.id, $0.contents) }
                + plan.swept.sorted { $0.kind.rawValue < $1.kind.rawValue }
            guard !swept.isEmpty || plan.dropped.count >= PrunePlanning.droppedMin else { return }
            let some = Array(swept.prefix(PrunePlanning.recordObjectsMax))
            let dropped = plan.dropped.prefix(PrunePlanning.recordObjectsMax - some.count)
            guard try append(.sweep(some + dropped), to: planning.state) else { continue }
            report.packsSwept += some.count { $0.pack != nil }
            condemned.subtract(some)
            report.bytesSwept += some.reduce(0) { $0 + planning.bytes(of: $1) }
            try remove(some.map(\.name))
            if some.count + dropped.count == swept.count + plan.dropped.count { return }
        }
    }

    private func remove(_ names: [String]) throws {
        do {
            for name in names { try repository.storage.remove(name) }
        } catch {
            throw RepositoryError.storage(error)
        }
    }

    /// Writes anew what is worth it, then condemns.
    private mutating func condemn(_ planning: PrunePlanning) throws {
        var planning = planning
        planning.regrouping = try Regrouping(repository, planning.state, planning.use)
        let plan = planning.plan
        let leaving = plan.leaving
        let rewritten = plan.packs.filter(\.fate.isRewritten)
        guard !rewritten.isEmpty || !plan.segmentsMerged.isEmpty else {
            return try condemn(leaving, replacements: [], after: planning)
        }
        do {
            try rewrite(rewritten, plan, planning)
        } catch RepositoryError.storage(let error) where error.kind == .noSpace {
            report.isFull = true
            guard report.damaged.isEmpty else {
                report.isStopped = true
                return
            }
            // Room comes from what goes as it is.
            let objects = leaving.filter { object in
                !rewritten.contains { $0.id == object.pack }
            }
            try condemn(objects, replacements: [], after: nil)
        }
    }

    /// Writes packs and short segments anew, and condemns them with all else that goes.
    private mutating func rewrite(
        _ rewritten: [PrunePlan.Pack], _ plan: PrunePlan, _ planning: PrunePlanning
    ) throws {
        let leaving = plan.leaving
        let repository = repository
        try WriteSession.run(repository) { session in
            var rewriting = try PackRewriting(
                session, planning.use, leaving: leaving, planning.regrouping)
            defer { report.damaged += rewriting.damaged }
            for pack in rewritten { try rewriting.rewrite(pack) }
            try rewriting.writeInOrder()
            guard rewriting.isComplete else {
                // What is left of it may lie in a pack that was to go.
                report.isStopped = true
                return
            }
            var objects = leaving
            var replacements = try rewriting.finish()
            if !plan.segmentsMerged.isEmpty {
                let gone = Set(objects.compactMap(\.pack))
                replacements += try SegmentMerge.write(plan.segmentsMerged, session) {
                    planning.use.packs[$0] != nil && !gone.contains($0)
                }
                objects += plan.segmentsMerged.map { ObjectReference($0) }
            }
            var isNamed = false
            try condemn(objects, replacements: replacements, after: nil) {
                // A sweep since may have taken a base of what was written anew, or that itself.
                isNamed = repository.lastUpheaval < planning.state.number
                if isNamed { session.keep() }
                return isNamed
            }
            if isNamed { report.bytesWritten += session.counts.storedBytes }
            // Then what was condemned before may still hold the only whole copy.
            if !isNamed, !rewriting.damaged.isEmpty { report.isStopped = true }
        }
    }

    /// Appends what goes, as far as nothing needs it at the head of the log.
    ///
    /// `planning` is what was looked at last, when nothing was written since. What was written anew is
    /// given up, and nothing condemned, when `mayName` says that it no longer stands.
    private mutating func condemn(
        _ objects: [ObjectReference], replacements: [SegmentID], after planning: PrunePlanning?,
        mayName: () -> Bool = { true }
    ) throws {
        var (objects, replacements, planning) = (objects, replacements, planning)
        while !objects.isEmpty || !replacements.isEmpty {
            let current =
                try planning
                ?? self.planning(
                    leaving: Set(objects.compactMap(\.pack)), naming: replacements)
            planning = nil
            guard replacements.isEmpty || mayName() else { return }
            // What is swept twice is forgotten, and a segment may still name what is swept once.
            let swept = Set(current.state.swept.map(\.object))
            objects.removeAll { swept.contains($0) || current.isNeeded($0) }
            let some = Array(objects.prefix(PrunePlanning.recordObjectsMax))
            let record = Condemnation(objects: some, replacements: replacements)
            guard !some.isEmpty || !replacements.isEmpty,
                try append(.condemn(record), to: current.state)
            else { continue }
            report.packsCondemned += some.count { $0.pack != nil }
            condemned.formUnion(some.filter { $0.pack != nil })
            report.bytesCondemned += some.reduce(0) { $0 + current.bytes(of: $1) }
            objects.removeFirst(some.count)
            replacements = []
        }
    }
}
