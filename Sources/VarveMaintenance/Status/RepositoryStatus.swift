import VarveFormat
public import VarveRepository
import VarveStorage

/// How a repository stands, as its log says, and what this machine remembers.
public struct RepositoryStatus: Sendable {
    /// What waits to be removed.
    public struct Condemned: Sendable, Equatable {
        public var packs: Int
        public var bytes: Int
        /// When the first of it may go, in nanoseconds since 1970.
        public var due: Int64
    }

    /// In nanoseconds since 1970: this machine's time, or that of the newest record when that is later.
    public var now: Int64
    public var sources: [SourceStatus]
    /// Of this machine.
    public var lastCheck: LastCheck?
    /// When anybody's prune last had something to do, or this machine's ended; nanoseconds since 1970.
    public var lastPrune: Int64?
    public var condemned: Condemned?
    /// Copies of chunks that are known to be damaged.
    public var lostCopies: Int
}

extension Repository {
    /// How it stands at `now`, nanoseconds since 1970; reads no index and no manifest.
    public func status(now: Int64) throws -> RepositoryStatus {
        let (state, dating) = (state, try SnapshotDating(of: self))
        let groups = Dictionary(grouping: state.snapshots) {
            RetentionGroup(of: JudgedSnapshot($0, .storage), [.host, .source])
        }
        return RepositoryStatus(
            now: max(now, dating.latest),
            sources: groups.sorted { $0.key < $1.key }.map { group, entries in
                SourceStatus(group, entries) { dating.surelyTaken($0) }
            },
            lastCheck: LastCheck(directory: placeDirectory), lastPrune: lastPrune(dating),
            condemned: try condemned(state, dating), lostCopies: state.lost.count)
    }

    private func lastPrune(_ dating: SnapshotDating) -> Int64? {
        let records = (state.condemned + state.swept).map(\.recordNumber)
        let logged = records.max().flatMap { dating.time(ofRecord: $0) }
        let own = LastPrune(directory: placeDirectory)
        return [logged, own?.time].compactMap(\.self).max()
    }

    /// Only what is condemned makes it list the packs.
    private func condemned(
        _ state: RepositoryState, _ dating: SnapshotDating
    ) throws -> RepositoryStatus.Condemned? {
        let marked = state.condemned.filter { $0.object.pack != nil }
        let records = marked.compactMap { dating.time(ofRecord: $0.recordNumber) }
        guard let first = records.min() else { return nil }
        let names = Set(marked.map(\.object.name))
        let grace = Int128(state.parameters.gracePeriodSeconds) * 1_000_000_000
        do {
            let bytes = try storage.list(ObjectName.packs).reduce(0) {
                $0 + (names.contains($1.name) ? $1.bytes : 0)
            }
            return RepositoryStatus.Condemned(
                packs: marked.count, bytes: bytes, due: Int64(clamping: Int128(first) + grace))
        } catch {
            throw RepositoryError.storage(error)
        }
    }
}
