/// How a snapshot is compared with the file system.
public struct LiveOptions: Sendable {
    /// What is not compared.
    public var excludes = ExcludeRules()
    /// Directories that are never part of a snapshot.
    public var ownDirectories: [String] = []
    /// Opens the databases among the files; nil when they are files like any other.
    public var databases: PinnedOpening?
    /// Reads every file, also those that look unchanged.
    public var readsAll = false
    /// The name of this machine: what the stat list says only counts where the snapshot was taken.
    public var host: String

    public init(host: String) { self.host = host }
}
