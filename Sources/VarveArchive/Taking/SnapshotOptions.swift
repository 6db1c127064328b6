public import VarveCodec
public import VarveFormat
public import VarveRepository

/// What a snapshot is taken of, or a part of that.
public enum SnapshotSource: Sendable {
    /// Files and directories by their paths, which become absolute and need not be UTF-8.
    case tree([[UInt8]])
    /// The bytes of an open stream, as the file `/NAME`; `confirm` runs at its end and throws when
    /// the stream is not to be trusted, because the program behind it failed, say.
    case stream(
        name: String, kind: SnapshotManifest.Source.Kind, anchors: [String: String] = [:],
        StreamInput,
        confirm: @Sendable () throws -> Void)
    /// A database, say.
    case virtual(any VirtualTree)
}

extension SnapshotSource {
    /// Files and directories by their paths.
    public static func paths(_ paths: [String]) -> SnapshotSource {
        .tree(paths.map { Array($0.utf8) })
    }
}

/// How a snapshot is taken.
public struct SnapshotOptions: Sendable {
    public enum Parent: Sendable, Equatable {
        /// The newest snapshot of the same host and sources.
        case automatic
        case snapshot(SnapshotID)
    }

    /// Nanoseconds since 1970.
    public var time: Int64
    public var host: String
    public var user: String
    public var tags: [String] = []
    public var description = ""
    public var parent = Parent.automatic
    /// Reads every file, also those that look unchanged.
    public var force = false
    /// Only counts what would be stored; the repository must then forget what is written, see
    /// `DryStorage`.
    public var isDryRun = false
    /// Takes no snapshot when it would equal its parent.
    public var skipIfUnchanged = false
    public var excludes = ExcludeRules()
    /// Counts the sources while it reads them, for the progress of a first snapshot.
    public var countsAhead = false
    public var level = CompressionLevel.standard
    /// Reads the databases among the files of trees; nil when they are files like any other.
    public var databases: PinnedOpening?
    /// Directories that are never part of a snapshot: the repository, the cache and the state.
    public var ownDirectories: [String] = []
    /// Files that are never part of a snapshot, by whatever path or hard link they are reached.
    public var secretFiles: [String] = []
    /// For so many nanoseconds a look at what the storage holds serves several snapshots.
    var storageKnownFor: Int64 = 0
    /// The name and version of the program.
    public var program: String

    public init(time: Int64, host: String, user: String, program: String) {
        self.time = time
        self.host = host
        self.user = user
        self.program = program
    }
}

/// What became of taking a snapshot.
public struct SnapshotReport: Sendable {
    /// Nil when nothing was taken, because nothing had changed or it was only tried.
    public var snapshot: SnapshotID?
    public var parent: SnapshotID?
    /// What the snapshot says that it is of.
    public var sources: [String] = []
    public var counts = SnapshotManifest.Counts()
    public var written = WriteReport()
    public var durationNanoseconds: Int64 = 0
    public var isIncomplete = false
    /// Own directories that were met and left out.
    public var leftOut: [String] = []

    public init() {}
}

/// What was stored, step by step; see `WriteCounts`.
public struct WriteReport: Sendable {
    /// Plain bytes of chunks that no snapshot held before.
    public var bytesNew = 0
    public var chunksNew = 0
    /// What they take in the storage.
    public var bytesStored = 0
    /// Of the new bytes, those stored as differences from similar chunks, and what these take.
    public var bytesSimilar = 0
    public var bytesSimilarStored = 0
    /// Of the new bytes, those that could not be compressed.
    public var bytesIncompressible = 0

    public init() {}
}

/// Takes a snapshot of `source` into `repository`, as of several.
public func takeSnapshot(
    of source: SnapshotSource, into repository: Repository, _ options: SnapshotOptions,
    progress: Progress = Progress(), observer: @escaping ArchiveObserver = { _ in }
) throws -> SnapshotReport {
    try takeSnapshot(
        of: [source], into: repository, options, progress: progress, observer: observer)
}

/// Takes one snapshot of all `sources` into `repository`.
///
/// Throws, and leaves no snapshot, when the repository fails, or every source. A source that fails beside
/// others is told to `observer`, as is what cannot be read of a tree, and the snapshot is marked
/// incomplete.
public func takeSnapshot(
    of sources: [SnapshotSource], into repository: Repository, _ options: SnapshotOptions,
    progress: Progress = Progress(), observer: @escaping ArchiveObserver = { _ in }
) throws -> SnapshotReport {
    var attempt = 1
    while true {
        do {
            return try SnapshotRun(repository, options, progress, observer).take(sources)
        } catch RepositoryError.interrupted {
            // An upload was given up on the way.
            throw ArchiveError.interrupted
        } catch RepositoryError.overtaken(let reason) {
            guard sources.allSatisfy(\.isRepeatable), attempt < attemptsMax else {
                throw RepositoryError.overtaken(reason: reason)
            }
            observer(.noted(path: "the repository", reason: reason + "; all is read again"))
            progress.restart()
            attempt += 1
        }
    }
}

extension SnapshotSource {
    /// A stream cannot be read twice.
    fileprivate var isRepeatable: Bool {
        switch self {
        case .tree: true
        case .stream: false
        case .virtual(let tree): tree.isRepeatable
        }
    }
}

/// How often a snapshot is begun because what it relied on was removed meanwhile.
private let attemptsMax = 3
