public import VarveFormat
public import VarveRepository
import VarveSystem

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
    let (target, isNew) = try openTarget(options)
    let isAlone = node.map { $0.kind != .directory } ?? false
    let selection = RestoreSelection(options, tree.manifest, isAlone: isAlone)
    let notes = RestoreNotes(observer, progress)
    let readsBack = options.verifies && !options.dryRun
    if readsBack { notes.collectExempt() }
    let context = RestoreContext(options, selection, notes)
    let run = RestoreRun(repository, options, selection, context, target: target, progress)
    run.givesTargetAttributes = isNew && !isAlone
    try run.restore(node, &tree)
    if readsBack { try readBack(node, &tree, options, target, notes) }
    var report = notes.report
    report.durationNanoseconds = Clock.monotonicNanoseconds() - started
    return report
}

/// Reads every restored file again and compares it with the snapshot; what differs is noted.
private func readBack(
    _ node: Node?, _ tree: inout SnapshotTree, _ options: RestoreOptions, _ target: SharedFile?,
    _ notes: RestoreNotes
) throws {
    var options = options
    (options.dryRun, options.deletes, options.overwrite) = (true, false, .always)
    let isAlone = node.map { $0.kind != .directory } ?? false
    let selection = RestoreSelection(options, tree.manifest, isAlone: isAlone)
    let progress = Progress()
    let exempt = notes.exempt
    let found = RestoreNotes(
        { event in
            switch event {
            case .restored(let path, let action, .some)
            where action == .created || action == .changed:
                notes.fail(RawText.bytes(path), "what is there now is not what was restored")
            case .failed(let path, let reason): notes.fail(RawText.bytes(path), reason)
            default: break
            }
        }, progress)
    let context = RestoreContext(options, selection, found, exempt: exempt)
    try RestoreRun(tree.repository, options, selection, context, target: target, progress)
        .restore(node, &tree)
}

/// The directory to restore into, and whether it was made now; nil when there is none in a dry run.
private func openTarget(_ options: RestoreOptions) throws -> (SharedFile?, isNew: Bool) {
    do throws(SystemError) {
        if options.dryRun {
            do throws(SystemError) {
                return (SharedFile(try File.openDirectory(options.target)), false)
            } catch  where error.isMissing {
                return (nil, false)
            }
        }
        let isThere = (try? File.status(of: options.target)) != nil
        try File.makeDirectories(options.target)
        return (SharedFile(try File.openDirectory(options.target)), !isThere)
    } catch {
        throw ArchiveError.target(path: options.target, reason: error.reason)
    }
}
