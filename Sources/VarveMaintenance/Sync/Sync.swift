import VarveFormat
public import VarveRepository
import VarveStorage

/// Where a sync goes, and what it is to copy there.
public struct SyncTarget: Sendable {
    public var repository: Repository
    public var plan: SyncPlan

    public init(_ repository: Repository, _ plan: SyncPlan) {
        self.repository = repository
        self.plan = plan
    }
}

/// How a sync goes about it.
public struct SyncOptions: Sendable {
    /// Only says what would be copied; the destinations were opened so that no change reaches them.
    public var isDryRun = false
    /// Reads every pack back that was written, and hashes it.
    public var readsBack = false
    /// Chunks that are copied before what was copied is named.
    var windowChunks = SyncLimits.windowChunks

    public init() {}
}

extension Repository {
    /// Copies to each destination what its plan says, reading everything once; a report for each.
    ///
    /// What goes wrong at one destination ends that one's part; what goes wrong at the source is thrown.
    public func sync(
        to targets: [SyncTarget], _ options: SyncOptions = SyncOptions(),
        observer: @escaping SyncObserver = { _ in }
    ) throws -> [SyncReport] {
        precondition(
            targets.count <= DestinationSet.countMax, "a sync has at most 64 destinations")
        var reports = targets.map { SyncReport($0) }
        var waiting = targets.indices.filter { !targets[$0].plan.copied.isEmpty }
        let dating = try waiting.isEmpty ? nil : SnapshotDating(of: self)
        for attempt in 1...SyncLimits.attempts where !waiting.isEmpty {
            let destinations = waiting.map {
                SyncDestination(targets[$0].repository, of: self, isDry: options.isDryRun)
            }
            for destination in destinations where destination.sharesKeyring {
                destination.attempt {
                    if options.isDryRun {
                        try destination.repository.checkReplaced(beside: self)
                    } else {
                        _ = try destination.repository.takeEpochs(of: self)
                    }
                }
            }
            var run = SyncRun(self, destinations, dating, options, observer)
            let left = waiting.map { index in
                targets[index].plan.copied.filter { !reports[index].copied.contains($0.id) }
            }
            try run.run(Self.inOrder(left))
            for (position, index) in waiting.enumerated() {
                reports[index].add(run, destinations[position], position)
            }
            waiting = waiting.filter { reports[$0].isOvertaken && attempt < SyncLimits.attempts }
        }
        for index in targets.indices where reports[index].failure == nil && !options.isDryRun {
            do {
                try pin(targets[index])
                // Nothing goes because something failed at the source.
                if reports[index].isComplete {
                    reports[index].forgotten = try targets[index].repository.forget(
                        by: targets[index].plan)
                }
                reports[index].newest = try targets[index].repository.newestTaken()
            } catch {
                reports[index].failure = error
            }
        }
        return reports
    }

    /// The snapshots that somebody is to get, in the order of their commits, and who.
    private static func inOrder(
        _ lists: [[RepositoryState.SnapshotEntry]]
    ) -> [(entry: RepositoryState.SnapshotEntry, destinations: DestinationSet)] {
        var wanted: [SnapshotID: (RepositoryState.SnapshotEntry, DestinationSet)] = [:]
        for (position, list) in lists.enumerated() {
            for entry in list {
                wanted[entry.id, default: (entry, [])].1.insert(DestinationSet(position))
            }
        }
        return wanted.values.sorted { $0.0.recordNumber < $1.0.recordNumber }
            .map { (entry: $0.0, destinations: $0.1) }
    }

    /// What is pinned here and chosen stays pinned there; nothing loses a pin.
    private func pin(_ target: SyncTarget) throws {
        for entry in target.plan.copied + target.plan.present where entry.isPinned {
            guard
                target.repository.state.snapshots.contains(where: {
                    $0.id == entry.id && !$0.isPinned
                })
            else { continue }
            do {
                _ = try target.repository.amend(entry.id) { $0.isPinned ? nil : .pin(true) }
            } catch RepositoryError.notFound {
                // It was forgotten meanwhile.
            }
        }
    }
}

extension SyncReport {
    fileprivate init(_ target: SyncTarget) {
        self.init(location: target.repository.storage.location)
        present = target.plan.present.count
        leftOut = target.plan.leftOut
    }

    /// Adds what one run did for one of its destinations.
    fileprivate mutating func add(
        _ run: SyncRun, _ destination: SyncDestination, _ position: Int
    ) {
        copied += run.copied[position]
        skipped = run.skipped.filter { $0.destinations.contains(position: position) }
            .map(\.snapshot)
        counts.add(destination.counts)
        failure = destination.failure
    }

    fileprivate var isOvertaken: Bool {
        if case RepositoryError.overtaken? = failure as? RepositoryError { true } else { false }
    }
}

extension SyncCounts {
    fileprivate mutating func add(_ other: SyncCounts) {
        frames += other.frames
        bytesAsSealed += other.bytesAsSealed
        chunksAnew += other.chunksAnew
        bytesAnew += other.bytesAnew
    }
}
