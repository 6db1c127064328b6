public import VarveCodec
public import VarveFormat
public import VarveRepository
public import VarveSystem

/// What old backup files become.
public struct ImportOptions: Sendable {
    /// The name of the stream that each of them is a state of.
    public var name: String
    public var host: String
    public var user: String
    public var tags: [String] = []
    public var description = ""
    /// Decompresses each file first.
    public var gunzip = false
    public var level = CompressionLevel.standard
    /// The name and version of the program.
    public var program: String

    public init(name: String, host: String, user: String, program: String) {
        self.name = name
        self.host = host
        self.user = user
        self.program = program
    }
}

/// What came of an import.
public struct ImportReport: Sendable {
    public var snapshots = 0
    /// Of the files that became snapshots.
    public var bytesRead = 0
    /// Of what was in them.
    public var bytesPlain = 0
    public var bytesStored = 0
    /// Files that could not be imported.
    public var failures: [Issue] = []
    public var isInterrupted = false
    public var durationNanoseconds: Int64 = 0
}

extension RepositoryState {
    /// The snapshots of one stream of one host, oldest first.
    public func snapshots(ofStream name: String, host: String) -> [SnapshotEntry] {
        SnapshotReference.oldestFirst(
            snapshots.filter {
                ([$0.summary.host] + $0.summary.sources).exact == [host, name].exact
            })
    }
}

/// Takes a snapshot of each file of `plan`, with its own time and compared with the one before it.
///
/// A file that cannot be read whole leaves no snapshot and is told; the rest goes on. An error of the
/// repository ends it. Snapshots that were taken stay in any case.
public func importFiles(
    _ plan: ImportPlan, from directory: borrowing File, into repository: Repository,
    _ options: ImportOptions, progress: Progress, observer: @escaping ArchiveObserver
) throws -> ImportReport {
    let started = Clock.monotonicNanoseconds()
    var run = ImportRun(repository, options, observer)
    progress.expect(files: plan.files.count, bytes: plan.files.reduce(0) { $0 + $1.bytes })
    for file in plan.files {
        progress.show(String(decoding: file.name, as: UTF8.self))
        guard try run.take(file, directory) else { break }
        progress.add(files: 1, bytes: file.bytes)
    }
    run.report.durationNanoseconds = Clock.monotonicNanoseconds() - started
    return run.report
}

/// One run of importing.
private struct ImportRun {
    var report = ImportReport()
    /// Nanoseconds; each look lists all packs, of which every snapshot adds some.
    private static let storageKnownFor: Int64 = 10_000_000_000

    private let repository: Repository
    private let options: ImportOptions
    private let observer: ArchiveObserver
    /// Snapshots of the same stream, oldest first; those that come before the next file are dropped.
    private var earlier: ArraySlice<RepositoryState.SnapshotEntry>
    private var parent: SnapshotID?

    init(
        _ repository: Repository, _ options: ImportOptions, _ observer: @escaping ArchiveObserver
    ) {
        self.repository = repository
        self.options = options
        self.observer = observer
        earlier = repository.state.snapshots(ofStream: options.name, host: options.host)[...]
    }

    /// Takes one snapshot; false after an interrupt.
    mutating func take(_ file: ImportPlan.OldFile, _ directory: borrowing File) throws -> Bool {
        while let next = earlier.first, next.summary.time < file.time {
            parent = next.id
            earlier.removeFirst()
        }
        let path = RawText.text(file.name)
        do {
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            let taken = try snapshot(file, try open(file, directory), path)
            parent = taken.snapshot ?? parent
            report.snapshots += 1
            report.bytesRead += file.bytes
            report.bytesPlain += taken.counts.bytes
            report.bytesStored += taken.written.bytesStored
            observer(.file(path: path, change: .new, bytes: taken.counts.bytes))
        } catch ArchiveError.interrupted {
            report.isInterrupted = true
            return false
        } catch ArchiveError.streamFailed(let reason) {
            report.failures.append(Issue(path: path, reason: reason))
            observer(.failed(path: path, reason: reason))
        }
        return true
    }

    private func open(
        _ file: ImportPlan.OldFile, _ directory: borrowing File
    ) throws -> File {
        do throws(SystemError) {
            return try directory.openFile(file.name)
        } catch {
            throw ArchiveError.streamFailed(reason: error.reason)
        }
    }

    private func snapshot(
        _ file: ImportPlan.OldFile, _ opened: consuming File, _ path: String
    ) throws -> SnapshotReport {
        var snapshot = SnapshotOptions(
            time: file.time, host: options.host, user: options.user, program: options.program)
        snapshot.tags = options.tags
        snapshot.description = options.description
        snapshot.level = options.level
        snapshot.storageKnownFor = Self.storageKnownFor
        if let parent { snapshot.parent = .snapshot(parent) }
        // Its events are about the stream, of which there are many states here.
        guard options.gunzip else {
            return try takeSnapshot(
                of: .stream(name: options.name, kind: .stdin, StreamInput(opened)) {},
                into: repository, snapshot)
        }
        let plain = try GunzippedStream(opened)
        do {
            return try takeSnapshot(
                of: .stream(name: options.name, kind: .stdin, plain.input) { [observer] in
                    let garbage = try plain.finish()
                    guard garbage > 0 else { return }
                    let reason = "\(garbage) bytes behind its gzip data are left out"
                    observer(.noted(path: path, reason: reason))
                }, into: repository, snapshot)
        } catch {
            plain.abandon()
            throw error
        }
    }
}
