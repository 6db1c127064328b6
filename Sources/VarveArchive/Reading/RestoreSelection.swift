import VarveFormat

/// What of a snapshot is restored, and where other things may be removed; by absolute paths in the
/// snapshot.
struct RestoreSelection: Sendable {
    private let includes: ExcludeRules
    private let excludes: ExcludeRules
    private let sources: Set<[UInt8]>
    private let prefix: [UInt8]
    /// Whether an entry's path matters at all.
    let isEverything: Bool

    /// `isAlone` says that the path is that of a single entry, which is put into the target.
    init(_ options: RestoreOptions, _ manifest: SnapshotManifest, isAlone: Bool) {
        includes = options.includes
        excludes = options.excludes
        isEverything = includes.isEmpty && excludes.isEmpty
        let directory = isAlone ? options.path.dropLast() : options.path[...]
        prefix = directory.flatMap { [UInt8(ascii: "/")] + $0 }
        // A source has no slash at its end, but for the root.
        sources =
            options.deletes
            ? Set(manifest.sources.filter { $0.kind == .path }.map { Self.plain($0.name) }) : []
    }

    /// The path in the snapshot of what has this path below the target.
    func absolute(_ path: [UInt8]) -> [UInt8] { prefix + path }

    /// Whether all of a snapshot is included unless it is excluded.
    var includesAll: Bool { includes.isEmpty }

    func includes(_ path: [UInt8]) -> Bool { includes.names(path) }

    func excludes(_ path: [UInt8]) -> Bool { excludes.names(path) }

    var hasSources: Bool { !sources.isEmpty }

    /// Whether `path` is one of the snapshot's sources.
    func isSource(_ path: [UInt8]) -> Bool { sources.contains(path) }

    /// Whether what is restored into the target itself is a source or lies below one.
    var isTargetBelowSource: Bool {
        sources.contains {
            $0.isEmpty || prefix == $0 || prefix.starts(with: $0 + [UInt8(ascii: "/")])
        }
    }

    private static func plain(_ path: [UInt8]) -> [UInt8] {
        path.split(separator: UInt8(ascii: "/")).flatMap { [UInt8(ascii: "/")] + $0 }
    }
}
