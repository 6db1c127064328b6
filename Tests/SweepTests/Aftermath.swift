import TestSupport
import VarveCodec
import VarveFormat
import VarveMaintenance
import VarveRepository
import VarveStorage
import VarveSystem

/// What must hold after an operation, whatever became of it.
struct Aftermath {
    let operation: Operation
    let site: Site
    private let mayBeGone: Set<SnapshotID>

    /// For an operation that is about to run.
    init(_ operation: Operation, _ site: Site) {
        self.operation = operation
        self.site = site
        mayBeGone = Set(operation.leaving(site))
    }

    /// What is wrong; `isDone` when the operation said that it was.
    func problem(isDone: Bool) -> String? {
        do {
            if isDone { try operation.expectDone(site) }
            try operation.again(site)
            let secret = try usableSecret()
            try expectWhole(site.openElsewhere(with: secret))
            let repository = try site.open(site.storage(), with: secret)
            try expectSnapshots(repository)
            try site.writeLater()
            let last = try site.snapshot(repository)
            // Also by what this machine remembers of the time before nothing goes that is needed.
            _ = try repository.prune(.everything)
            let other = try site.openElsewhere(with: secret)
            try expectWhole(other, last: last)
            try expectRestorable(last, other)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// What opens the repository, which is made first if an interrupted `init` left none.
    private func usableSecret() throws -> SlotSecret {
        if operation.creates {
            do {
                _ = try Repository.identify(site.storage(create: true))
            } catch RepositoryError.absent {
                _ = try site.create(in: site.storage())
            }
        }
        guard operation.replacesSecret else { return site.secret }
        do {
            _ = try site.openElsewhere()
            return site.secret
        } catch RepositoryError.wrongKey {
            return site.other
        }
    }

    /// Nothing is damaged: whatever an operation left behind is not referred to.
    private func expectWhole(_ repository: Repository, last: SnapshotID? = nil) throws {
        try expectSnapshots(repository, last: last)
        let report = try repository.check(reading: .all)
        try expect(!report.isDamaged, "check finds \(report.findings)")
    }

    /// Every snapshot that was there, or that somebody was told of, is, and holds what it held.
    private func expectSnapshots(_ repository: Repository, last: SnapshotID? = nil) throws {
        let entries = repository.state.snapshots
        let ids = Set(entries.map(\.id))
        let lost = Set(site.snapshots).subtracting(mayBeGone).subtracting(ids)
        try expect(lost.isEmpty, "\(lost.count) snapshots are gone")
        if let last { try expect(entries.last?.id == last, "the newest snapshot is another") }
        for entry in entries {
            let files = try site.everyFile(of: entry, repository)
            // One that nobody was told of is of the source as it was for the operation.
            let expected = site.contents[entry.id] ?? site.pending
            try expect(files == expected, "a snapshot holds something else")
        }
    }

    private func expectRestorable(_ id: SnapshotID, _ repository: Repository) throws {
        guard let entry = repository.state.snapshots.first(where: { $0.id == id }) else { return }
        try site.restore(entry, repository, into: site.target)
        try site.expectFiles(site.files, in: site.target)
    }
}
