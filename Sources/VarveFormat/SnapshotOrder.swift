extension RepositoryState.SnapshotEntry {
    /// Whether it comes before another one in a listing: by time, and by commit when both have the same.
    public func isOlder(than other: RepositoryState.SnapshotEntry) -> Bool {
        (summary.time, recordNumber) < (other.summary.time, other.recordNumber)
    }
}
