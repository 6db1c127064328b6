import TestSupport
import Testing
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

/// Syncing a scene's repository to others in memory.
extension Scene {
    private var nowhere: LocalDirectories { LocalDirectories(cache: "/dev/null", state: nil) }

    /// A sibling of the scene's repository.
    func sibling(
        in storage: any Storage = MemoryStorage(location: "sibling")
    ) throws -> Repository {
        try open().createSibling(in: storage, directories: nowhere) { [secret] _ in secret }
    }

    /// A repository with keys of its own, which the scene's secret opens, too.
    func stranger(
        in storage: any Storage = MemoryStorage(location: "stranger"), cuttingAlike: Bool = true,
        chunkBytes: Int? = nil
    ) throws -> Repository {
        var options = cuttingAlike ? CreationOptions(cuttingLike: try open()) : CreationOptions()
        if let chunkBytes { options.chunkBytesAverage = chunkBytes }
        options.packBytes = 1 << 20
        return try Repository.create(in: storage, options: options, directories: nowhere) {
            [secret] _ in secret
        }
    }

    /// Copies everything, or what is chosen.
    @discardableResult
    func sync(
        _ source: Repository? = nil, to destinations: [Repository],
        _ isChosen: (RepositoryState.SnapshotEntry) -> Bool = { _ in true },
        _ options: SyncOptions = SyncOptions()
    ) throws -> [SyncReport] {
        let source = try source ?? open()
        let chosen = source.state.snapshots.filter(isChosen)
        return try source.sync(
            to: destinations.map { SyncTarget($0, SyncPlan(chosen, to: $0)) }, options)
    }

    /// The destination, as a machine sees it that has never seen it, holds exactly `expected`, each
    /// snapshot as it was taken, and a check that reads everything finds nothing at all.
    func expectCopy(
        _ storage: any Storage, of expected: [SnapshotID],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let repository = try openOnce(storage)
        #expect(repository.state.snapshots.map(\.id) == expected, sourceLocation: sourceLocation)
        try expectWhole(repository)
        let report = try repository.check(reading: .all)
        #expect(report.findings.isEmpty, "\(report.findings)", sourceLocation: sourceLocation)
    }

    /// A few snapshots of a tree that changes.
    func takeSnapshots(_ count: Int, seed: UInt64, files: Int = 6) throws -> [SnapshotID] {
        var random = SeededNumbers(seed)
        let repository = try open()
        return try (0..<count).map { _ in
            try change(&random, files: files)
            pass(seconds: 3600)
            return try snapshot(repository)
        }
    }
}
