import VarveCatalog
public import VarveFormat
public import VarveRepository

/// What snapshots occupy, in stored bytes of frames.
public struct RepositoryOccupancy: Sendable {
    public struct Part: Sendable {
        public var snapshot: RepositoryState.SnapshotEntry
        /// What only this snapshot needs.
        public var bytesUnique = 0
        public var chunksUnique = 0
    }

    /// In the order of time.
    public var parts: [Part] = []
    /// What several snapshots need.
    public var bytesShared = 0
    /// What no snapshot needs.
    public var bytesUnused = 0
}

extension Repository {
    /// Measures what each snapshot alone needs. Reads all trees, and no content of files.
    ///
    /// Throws `.damaged` when a tree cannot be read: then nothing is known.
    public func occupancy() throws -> RepositoryOccupancy {
        let state = state
        let entries = state.snapshots.sorted {
            ($0.summary.time, $0.recordNumber) < ($1.summary.time, $1.recordNumber)
        }
        let catalog = try catalog(following: state)
        var walk = try OwnerWalk(self, expecting: catalog.statistics.entries)
        try readManifests(entries) { number, manifest in
            try walk.add(number, try manifest.get().references())
        }
        var sharing = FrameSharing(
            catalog, walk.owners,
            CopyChoice(
                catalog, leaving: state.condemnedPacks,
                named: catalog.packs(namedBy: state.standingSegments)))
        try sharing.takeBasesAlong()
        try sharing.measure()
        return sharing.occupancy(of: entries)
    }

    /// How many stored bytes of frames are needed now, and would be needed by nothing without these
    /// snapshots, by the rules of `prune`.
    public func bytesFreed(byForgetting snapshots: [SnapshotID]) throws -> Int {
        let state = state
        var without = state
        let going = Set(snapshots)
        without.snapshots.removeAll { going.contains($0.id) }
        var mark = try Mark(self)
        // What is so is remembered, what is only supposed is not.
        try mark.remember(state)
        let now = try RepositoryUse(supposing: state, in: self, &mark).bytesUsed
        return max(0, try now - RepositoryUse(supposing: without, in: self, &mark).bytesUsed)
    }
}

extension RepositoryUse {
    fileprivate var bytesUsed: Int { packs.values.reduce(0) { $0 + $1.bytesUsed } }
}
