import VarveFormat
import VarveSystem

/// All that one snapshot is taken of, and what it says that it is of.
struct SnapshotWork {
    /// One line of the manifest.
    struct Source {
        var noted: SnapshotManifest.Source
        /// Names from the root on.
        var place: [[UInt8]]
    }

    /// Paths first, then virtual trees by their places.
    private(set) var sources: [Source] = []
    /// Of this machine, those that are not inside others.
    private(set) var paths: [[UInt8]] = []
    private(set) var trees: [any VirtualTree] = []
    /// Everything, also paths inside others.
    private(set) var tree = SourceTree([])
    /// The file systems of all paths.
    private(set) var devices: Set<UInt64> = []

    init(
        _ given: [SnapshotSource], _ options: SnapshotOptions,
        _ observer: @escaping ArchiveObserver
    ) throws {
        var named: [[UInt8]] = []
        for source in given {
            switch source {
            case .tree(let paths): named += paths
            case .stream(let name, let kind, let anchors, let input, let confirm):
                let source = SnapshotManifest.Source(
                    kind: kind, name: Array(name.utf8), anchors: anchors)
                trees.append(StreamTree(source: source, input: input, confirm: confirm))
            case .virtual(let tree): trees.append(tree)
            }
        }
        trees.sort { Self.path($0.place).lexicographicallyPrecedes(Self.path($1.place)) }
        try find(named, options, observer)
        for (number, virtual) in trees.enumerated() {
            guard
                tree.insert(
                    virtual: number, at: virtual.place, isPath: virtual.standsForPath)
            else {
                let place = RawText.text(Self.path(virtual.place))
                throw ArchiveError.placeTaken(place, by: virtual.source.displayName)
            }
            sources.append(Source(noted: virtual.source, place: virtual.place))
        }
    }

    private mutating func find(
        _ named: [[UInt8]], _ options: SnapshotOptions, _ observer: @escaping ArchiveObserver
    ) throws {
        let finding = SourceFinding(
            observer, options.excludes, own: options.ownDirectories, isAlone: trees.isEmpty)
        let found = try finding.find(named)
        paths = found.paths
        tree = SourceTree(found.all)
        let statuses = found.all.compactMap { try? File.status(of: $0, follow: false) }
        devices = Set(statuses.map(\.device))
        guard !paths.isEmpty else { return }
        sources = found.noted.map { path in
            Source(
                noted: SnapshotManifest.Source(kind: .path, name: path),
                place: path.split(separator: UInt8(ascii: "/")).map(Array.init))
        }
    }

    /// The sources with what placed each of the virtual trees in time, by their numbers.
    func sources(anchoredBy anchors: [Int: [String: String]]) -> [Source] {
        var sources = sources
        let first = sources.count - trees.count
        for (number, anchors) in anchors { sources[first + number].noted.anchors = anchors }
        return sources
    }

    private static func path(_ place: [[UInt8]]) -> [UInt8] {
        place.flatMap { [UInt8(ascii: "/")] + $0 }
    }
}
