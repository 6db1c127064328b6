public import VarveFormat
public import VarveRepository
import VarveStorage

/// What the storage says of when things were stored.
public struct SnapshotDating: Sendable {
    /// Nanoseconds since 1970, by the storage's clock, of each record of the log.
    private let times: [UInt64: Int64]
    /// The newest of them.
    public let latest: Int64

    /// How far a time may be from the one that vouches for it, in nanoseconds.
    private static let tolerance: Int64 = 3600 * 1_000_000_000

    /// Looks at the records that the state still speaks of, and at the head of the log.
    public init(of repository: Repository) throws {
        let state = repository.state
        let marked = (state.condemned + state.swept).map(\.recordNumber)
        let numbers = Set(
            state.snapshots.flatMap { [$0.recordNumber, Self.firstRecord($0)] } + marked
                + [state.number - 1])
        do {
            let found = try repository.storage.times(of: numbers.map(ObjectName.record))
            times = Dictionary(
                found.compactMap { name, time in
                    ObjectName.recordNumber(name).map { ($0, time) }
                }
            ) { min($0, $1) }
        } catch {
            throw RepositoryError.storage(error)
        }
        latest = times.values.max() ?? .min
    }

    private static func firstRecord(_ entry: RepositoryState.SnapshotEntry) -> UInt64 {
        entry.firstHold > 0 ? entry.firstHold : entry.recordNumber
    }

    /// Tells times that are at most an hour after `latest`.
    static func isPlausible(_ latest: Int64) -> (Int64) -> Bool {
        let (end, overflow) = latest.addingReportingOverflow(tolerance)
        return { overflow || $0 <= end }
    }

    /// When the storage took the record that vouches for a snapshot; nil when that is not known.
    func vouchedTime(_ entry: RepositoryState.SnapshotEntry) -> Int64? {
        times[Self.firstRecord(entry)]
    }

    /// Finds out who vouches for the time of a snapshot; reads the manifest when the storage does not.
    public func judge(
        _ entry: RepositoryState.SnapshotEntry, in repository: Repository
    ) throws -> JudgedSnapshot {
        if isNear(times[Self.firstRecord(entry)], entry.summary.time) {
            return JudgedSnapshot(entry, .storage)
        }
        do {
            let origin = try repository.manifest(entry).origin
            let isCopied = isNear(origin?.commitTime, entry.summary.time)
            return JudgedSnapshot(entry, isCopied ? .origin : .hand)
        } catch RepositoryError.damaged {
            // Whatever it said of its origin, it has to make room for nothing that is whole.
            return JudgedSnapshot(entry, .hand)
        }
    }

    /// When the storage took a record, in nanoseconds since 1970.
    func time(ofRecord number: UInt64) -> Int64? { times[number] }

    /// Who vouches for the time of a snapshot that was committed at `time`, where it was taken.
    func judge(
        _ entry: RepositoryState.SnapshotEntry, committed time: Int64?, isCopy: Bool
    ) -> JudgedSnapshot {
        guard isNear(time, entry.summary.time) else { return JudgedSnapshot(entry, .hand) }
        return JudgedSnapshot(entry, isCopy ? .origin : .storage)
    }

    /// When a snapshot was taken as it says itself, and never later than the storage took its commit.
    func surelyTaken(_ entry: RepositoryState.SnapshotEntry) -> Int64 {
        min(entry.summary.time, times[entry.recordNumber] ?? latest)
    }

    private func isNear(_ time: Int64?, _ other: Int64) -> Bool {
        guard let time else { return false }
        let (difference, overflow) = time.subtractingReportingOverflow(other)
        return !overflow && difference.magnitude <= Self.tolerance.magnitude
    }
}
