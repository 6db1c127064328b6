import TestSupport
import VarveArchive
import VarveCodec
import VarveFormat
import VarveMaintenance
import VarveRepository
import VarveStorage
import VarveSystem

/// What the operations of the table are made of.
extension Site {
    /// Makes the source what it is the `generation`-th time: some files stay, some change a little,
    /// one comes.
    func writeSource(_ generation: Int) throws {
        if generation == 0 {
            try write("kept", noise(9_000, seed: 1))
            try write("d/text", lines(300, seed: 0))
        }
        var changed = noise(20_000, seed: 2)
        for place in 0...generation { changed[place * 1_000] ^= 1 }
        try write("changed", changed)
        try write("d/new\(generation)", noise(3_000, seed: UInt64(10 + generation)))
    }

    /// A repository with two snapshots, and a source that differs from both.
    func takeSnapshots() throws {
        try writeSource(0)
        let repository = try create(in: storage(create: true))
        try snapshot(repository)
        try writeSource(1)
        try snapshot(repository)
        try writeSource(2)
    }

    /// Snapshots that were taken before an epoch began.
    func leaveOldEpoch() throws {
        try takeSnapshots()
        _ = try open(storage()).rotateKeys()
    }

    /// Snapshots, and one that only a sibling elsewhere has.
    func leaveSibling() throws {
        try takeSnapshots()
        let sibling = try open(storage()).createSibling(
            in: DirectoryStorage(path: siblingPath, create: true), directories: nowhere
        ) { [secret] _ in secret }
        noteForgotten([try snapshot(sibling)])
    }

    func openSibling() throws -> Repository {
        try Repository.open(
            DirectoryStorage(path: siblingPath, create: false), secret: secret,
            directories: nowhere)
    }

    /// Nothing can be made below this, so that catalogs are temporary ones.
    private var nowhere: LocalDirectories { LocalDirectories(cache: "/dev/null", state: nil) }

    /// Snapshots, some of them forgotten, some packs condemned.
    func leaveRubbish() throws {
        try writeSource(0)
        let repository = try create(in: storage(create: true))
        for generation in 1...4 {
            try snapshot(repository)
            try write("d/text", lines(300, seed: generation))
            try write("alone", noise(5_000, seed: UInt64(40 + generation)))
            try writeSource(generation)
        }
        try forgetFirst(repository)
        _ = try repository.prune(PruneOptions())
        try forgetFirst(repository)
    }

    private func forgetFirst(_ repository: Repository) throws {
        let entry = repository.state.snapshots.prefix(1)
        _ = try repository.forget(Array(entry))
        noteForgotten(entry.map(\.id))
    }

    /// The path of the source in a snapshot.
    private var sourceParts: [[UInt8]] { source.split(separator: "/").map { Array($0.utf8) } }

    func restoreNewest(_ repository: Repository, into target: String? = nil) throws {
        guard let entry = repository.state.snapshots.last else { throw Unlike("no snapshot") }
        try restore(entry, repository, into: target ?? self.target)
    }

    /// Restores, and ends with what the disk holds; what could not be restored is an error.
    func restore(
        _ entry: RepositoryState.SnapshotEntry, _ repository: Repository, into target: String
    ) throws {
        var options = RestoreOptions(target: target, path: sourceParts)
        options.syncs = true
        let report = try VarveArchive.restore(
            entry, of: repository, options, progress: Progress(), observer: { _ in })
        try expect(report.issues.isEmpty, "not all was restored: \(report.issues)")
    }

    /// Throws unless the newest snapshot lies in the target.
    func expectRestored() throws {
        try expectFiles(contents[snapshots[snapshots.count - 1]] ?? [:], in: target)
    }

    func expectFiles(_ files: [String: [UInt8]], in directory: String) throws {
        let found = try StoredTree(at: directory).files
        let unlike = Set(files.keys).union(found.keys).filter { files[$0] != found[$0] }
        try expect(unlike.isEmpty, "\(unlike.sorted()) were restored wrong")
    }

    /// Throws if a machine that has never seen the repository finds damage.
    func expectNoDamage() throws {
        let report = try openElsewhere().check(reading: .all)
        try expect(!report.isDamaged, "check finds \(report.findings)")
    }

    func expectNoKey(_ secret: SlotSecret) throws {
        do {
            _ = try openElsewhere(with: secret)
        } catch RepositoryError.wrongKey {
            return
        }
        throw Unlike("a key that was removed opens it")
    }
}
