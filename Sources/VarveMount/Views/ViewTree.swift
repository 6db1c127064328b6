import VarveFormat

/// What stands above the trees of snapshots: views of a list of them, as a value.
struct ViewTree: Sendable, Equatable {
    typealias SnapshotEntry = RepositoryState.SnapshotEntry

    /// What tells one view from another, also when the list has changed.
    enum Key: Hashable, Sendable {
        /// Its path, without a slash in front; empty for the root.
        case directory([UInt8])
        /// The path and what it leads to: another target makes another link.
        case link([UInt8], target: [UInt8])
        case snapshot(SnapshotID)
    }

    struct Entry: Sendable, Equatable {
        var name: [UInt8]
        var key: Key
    }

    /// Of each directory, in byte order of their names.
    private(set) var directories: [Key: [Entry]] = [:]
    private(set) var snapshots: [SnapshotID: SnapshotEntry] = [:]

    static let root = Key.directory([])
    private static let latest = Array("latest".utf8)

    init(_ entries: [SnapshotEntry] = []) {
        let entries = entries.sorted { $0.isOlder(than: $1) }
        for entry in entries { snapshots[entry.id] = entry }
        let ids = Self.ids(entries)
        directories[.directory(Array("ids".utf8))] = Self.sorted(
            entries.compactMap { entry in
                ids[entry.id].map { Entry(name: $0, key: .snapshot(entry.id)) }
            })
        addViews("hosts", entries, ids) { [$0.summary.host] }
        addViews("sources", entries, ids) { $0.summary.sources }
        addViews("tags", entries, ids) { $0.summary.tags }
        var top = ["hosts", "ids", "sources", "tags"].map { name in
            Entry(name: Array(name.utf8), key: .directory(Array(name.utf8)))
        }
        if let newest = entries.last.flatMap({ ids[$0.id] }) {
            top.append(Self.link([], Self.latest, to: newest))
        }
        directories[Self.root] = Self.sorted(top)
    }

    /// Adds a directory `view`, with one for each of the texts that `of` says of some snapshot.
    private mutating func addViews(
        _ view: String, _ entries: [SnapshotEntry], _ ids: [SnapshotID: [UInt8]],
        of texts: (SnapshotEntry) -> [String]
    ) {
        var members: [ExactText: [SnapshotEntry]] = [:]
        for entry in entries {
            for text in Set(texts(entry).exact) { members[text, default: []].append(entry) }
        }
        let path = Array(view.utf8)
        var below: [Entry] = []
        for (text, name) in ViewName.names(for: members.keys) {
            let key = Key.directory(path + [UInt8(ascii: "/")] + name)
            below.append(Entry(name: name, key: key))
            directories[key] = Self.times(members[text] ?? [], ids, in: key)
        }
        directories[.directory(path)] = Self.sorted(below)
    }

    /// Links with times as names; the entries are in order, the oldest first.
    private static func times(
        _ entries: [SnapshotEntry], _ ids: [SnapshotID: [UInt8]], in directory: Key
    ) -> [Entry] {
        guard case .directory(let path) = directory else { return [] }
        var links: [Entry] = []
        var seconds: Set<String> = []
        for entry in entries {
            guard let id = ids[entry.id] else { continue }
            let second = ViewName.second(entry.summary.time)
            var name = Array(second.utf8)
            if !seconds.insert(second).inserted { name += [UInt8(ascii: "-")] + id }
            links.append(link(path, name, to: id))
        }
        if let newest = entries.last.flatMap({ ids[$0.id] }) {
            links.append(link(path, latest, to: newest))
        }
        return sorted(links)
    }

    /// A link in `directory` to the snapshot with this name.
    private static func link(_ directory: [UInt8], _ name: [UInt8], to id: [UInt8]) -> Entry {
        let depth = directory.isEmpty ? 0 : directory.count { $0 == UInt8(ascii: "/") } + 1
        let target = Array((String(repeating: "../", count: depth) + "ids/").utf8) + id
        return Entry(name: name, key: .link(directory + [UInt8(ascii: "/")] + name, target: target))
    }

    /// Names of snapshots: the start of the id, or all of it where two start alike.
    private static func ids(_ entries: [SnapshotEntry]) -> [SnapshotID: [UInt8]] {
        var starts: [String: Int] = [:]
        for entry in entries { starts[short(entry.id), default: 0] += 1 }
        var names: [SnapshotID: [UInt8]] = [:]
        for entry in entries {
            let isAlone = starts[short(entry.id)] == 1
            names[entry.id] = Array((isAlone ? short(entry.id) : entry.id.hex).utf8)
        }
        return names
    }

    private static func short(_ id: SnapshotID) -> String { String(id.hex.prefix(8)) }

    private static func sorted(_ entries: [Entry]) -> [Entry] {
        entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }
}
