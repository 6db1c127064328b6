import ArgumentParser
import VarveFormat
import VarveRepository

/// A command that says something of snapshots anew.
struct Amending {
    let repository: Repository
    let console: Console
    let dryRun: Bool

    init(_ common: GlobalOptions, _ console: Console, dryRun: Bool) throws {
        repository = try RepositoryAccess(common.repository).open()
        self.console = console
        self.dryRun = dryRun
    }

    /// Changes every snapshot that is named; when one of them is none, nothing is changed.
    ///
    /// `change` makes the new value of what the log says at that moment, nil when it says so already;
    /// `done` is what became of a snapshot, "pinned" for one.
    func amend(
        _ words: [ReferenceWords], _ filters: FilterOptions?, done: String, unchanged: String,
        _ change: (RepositoryState.SnapshotEntry) throws -> Amendment.Change?
    ) throws {
        for entry in try words.map({ try $0.snapshot(in: repository, filters) }) {
            let isChanged =
                dryRun ? try change(entry) != nil : try repository.amend(entry.id, change)
            try say(entry.id, isChanged ? done : unchanged, isChanged)
        }
    }

    private func say(_ id: SnapshotID, _ what: String, _ isChanged: Bool) throws {
        guard !console.isJSON else {
            return try console.emit([
                "message_type": "snapshot_changed", "snapshot_id": .text(id.hex),
                "changed": .flag(isChanged), "dry_run": .flag(dryRun),
            ])
        }
        let start = dryRun && isChanged ? "dry run, nothing is changed: " : ""
        try console.say("\(start)snapshot \(id.hex.prefix(8)) \(what)")
    }
}

extension ReferenceWords {
    /// The snapshot that is meant, which stands for itself: without a path.
    func snapshot(
        in repository: Repository, _ filters: FilterOptions? = nil
    ) throws -> RepositoryState.SnapshotEntry {
        let target = try target(in: repository, filters)
        guard target.path.isEmpty else {
            throw Failure.usage(
                "a snapshot is meant as a whole; leave out the path: "
                    + "\(target.entry.id.hex.prefix(8))")
        }
        return target.entry
    }
}
