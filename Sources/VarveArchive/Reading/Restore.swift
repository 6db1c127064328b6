public import VarveFormat
public import VarveRepository
import VarveSystem

/// What is restored, and where to.
public struct RestoreOptions: Sendable {
    /// The directory that receives what is restored; made when it is missing.
    public var target: String
    /// The path in the snapshot; empty for everything. A directory's content goes into the target.
    public var path: [[UInt8]]
    /// Takes owners by their numbers, not by their names.
    public var numericIDs = false

    public init(target: String, path: [[UInt8]]) {
        self.target = target
        self.path = path
    }
}

/// Writes a snapshot, or a part of it, below a directory.
///
/// Every chunk is hashed again before it is written. What is damaged is told and left out, the rest
/// is restored. Nothing is written, linked or followed outside the target.
public func restore(
    _ entry: RepositoryState.SnapshotEntry, of repository: Repository, _ options: RestoreOptions,
    progress: Progress, observer: @escaping ArchiveObserver
) throws -> RestoreReport {
    let started = Clock.monotonicNanoseconds()
    var tree = try SnapshotTree(repository, entry)
    let node = try tree.find(options.path)
    let isWhole = options.path.isEmpty
    progress.expect(
        files: isWhole ? tree.manifest.counts.files : 0,
        bytes: isWhole ? tree.manifest.counts.bytes : 0)
    let target: SharedFile
    do throws(SystemError) {
        try File.makeDirectories(options.target)
        target = SharedFile(try File.openDirectory(options.target))
    } catch {
        throw ArchiveError.target(path: options.target, reason: error.reason)
    }
    let run = RestoreRun(repository, options, progress, observer)
    if let node, node.kind != .directory {
        try run.restore(node, into: target, &tree)
    } else {
        try run.restore(tree.content(of: node), into: target, &tree)
    }
    var report = run.report
    report.durationNanoseconds = Clock.monotonicNanoseconds() - started
    return report
}
