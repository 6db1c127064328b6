public import VarveFormat
import VarveStorage

extension Repository {
    /// Appends the event that `event` makes of the state right before it, and returns its number; nil
    /// when it makes none: then nothing is appended, but for a checkpoint that is due.
    ///
    /// `event` is called again whenever another one was first. On a full disk the reserve makes room.
    @discardableResult
    public func append(_ event: (RepositoryState) throws -> LogEvent?) throws -> UInt64? {
        try givingUpReserve {
            try log.append { try event($0.state) }
        }
    }

    /// Runs `body`; when the disk is full it gives up the reserve, and runs it once more.
    package func givingUpReserve<Answer>(_ body: () throws -> Answer) throws -> Answer {
        do {
            return try body()
        } catch RepositoryError.storage(let error) where error.kind == .noSpace {
            guard let directory = storage as? DirectoryStorage else {
                throw RepositoryError.storage(error)
            }
            do {
                try directory.releaseReserve()
            } catch {
                throw RepositoryError.storage(error)
            }
            return try body()
        }
    }

    /// Makes the reserve that was given up for a record, or that the repository has grown for; a disk
    /// without room for it is none the worse.
    package func renewReserve() {
        guard let directory = storage as? DirectoryStorage else { return }
        let stored = state.snapshots.reduce(0) { $0 + $1.summary.bytesStored }
        try? directory.makeReserve(storedBytes: stored)
    }

    /// Says something about a snapshot anew: what `change` makes of it right before the record.
    ///
    /// False, and nothing is said, when that is nil.
    public func amend(
        _ id: SnapshotID,
        _ change: (RepositoryState.SnapshotEntry) throws -> Amendment.Change?
    ) throws -> Bool {
        let number = try append { state in
            guard let entry = state.snapshots.first(where: { $0.id == id }) else {
                throw RepositoryError.notFound(
                    "snapshot \(id.hex.prefix(8)) was forgotten meanwhile")
            }
            return try change(entry).map { .amend(Amendment(snapshot: id, change: $0)) }
        }
        return number != nil
    }
}
