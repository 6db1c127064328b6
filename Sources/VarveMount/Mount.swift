public import VarveFormat
public import VarveRepository

/// A repository as a read-only file system.
public struct Mount: Sendable {
    /// The directory to mount on.
    public var path: String
    /// Whether other users may look into it, as far as owners and modes allow.
    public var isForOthers = false
    /// Which snapshots are shown.
    public var admits: @Sendable (RepositoryState.SnapshotEntry) -> Bool = { _ in true }
    /// Told what could not be read, each thing once, from any thread.
    public var complain: @Sendable (String) -> Void = { _ in }

    public init(path: String) { self.path = path }

    /// Mounts, calls `started`, and answers the kernel until `isStopped`, which is asked 20 times a second,
    /// or until somebody unmounts. Nothing is mounted any more when it returns or throws.
    ///
    /// Throws `MountError` when it cannot be mounted.
    public func serve(
        _ repository: Repository, started: () throws -> Void, until isStopped: () -> Bool
    ) throws {
        let library = try FuseLibrary.loaded
        try MountPoint.check(path)
        try FrameAhead.run(repository) { ahead in
            let files = try FileSystem(
                repository, ahead: ahead, admits: admits, complain: complain)
            let operations = FuseOperations(library, files)
            let session = try FuseSession(operations, on: path, options)
            try started()
            _ = try session.serve(threads: MountLimits.threads, until: isStopped)
            withExtendedLifetime(operations) {}
        }
    }

    private var options: [String] {
        var options = ["ro", "nosuid", "nodev", "fsname=varve", "subtype=varve"]
        // Alone, one who can read the repository is not kept from anything in it.
        if isForOthers { options += ["allow_other", "default_permissions"] }
        return options
    }
}
