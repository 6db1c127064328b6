import VarveArchive
import VarveFormat
import VarveRepository

/// What `history` says.
struct HistorySummary {
    let history: PathHistory
    let path: [UInt8]
    let showsPatches: Bool
    let console: Console
    /// What may have been meant, when the path is in no snapshot.
    var hint = ""

    func print(_ repository: Repository, among count: Int) throws {
        let unseen = UnseenParts(issues: history.issues, phase: "history")
        if history.hosts.isEmpty {
            try unseen.tell(console)
            throw RepositoryError.notFound(
                "there is no \(Shown.path(path)) in \(Amounts.count(count, "snapshot"))" + hint)
        }
        for (host, versions) in history.hosts {
            if console.isJSON {
                for version in versions { try console.emit(json(version, host)) }
            } else {
                try printTable(host, versions)
            }
            if showsPatches { try printPatches(versions, repository) }
        }
        try unseen.tell(console)
    }

    private func printTable(_ host: String, _ versions: [PathHistory.Version]) throws {
        try console.say("\(Shown.path(path)) on \(Shown.text(host))")
        var table = Table([
            ("ID", .left), ("Time", .left), ("Snapshots", .right), ("Size", .right),
            ("Changed", .left), ("What", .left),
        ])
        for version in versions {
            let node = version.node
            table.add([
                String(version.snapshot.id.hex.prefix(8)),
                TimeText.local(version.snapshot.summary.time), Amounts.count(version.count),
                node?.kind == .file ? Amounts.bytes(node?.size ?? 0) : "",
                node.map { TimeText.local($0.modified) } ?? "", Self.what(version),
            ])
        }
        for line in table.lines { try console.print(line) }
    }

    private static func what(_ version: PathHistory.Version) -> String {
        let bytes =
            version.bytesAdded == 0 && version.bytesRemoved == 0
            ? "" : "  +\(Amounts.bytes(version.bytesAdded)) -\(Amounts.bytes(version.bytesRemoved))"
        let word =
            switch version.change {
            case .created: "created"
            case .changed: "changed"
            case .metadata: "metadata: " + metadata(version).joined(separator: ", ")
            case .type: "another type"
            case .gone: "gone"
            case .back: "back"
            }
        return word + bytes
    }

    /// Which metadata changed.
    private static func metadata(_ version: PathHistory.Version) -> [String] {
        guard let old = version.before, let new = version.node else { return [] }
        return [
            old.mode != new.mode ? "mode" : "",
            (old.uid, old.gid) != (new.uid, new.gid) || old.user != new.user
                || old.group != new.group ? "owner" : "",
            old.modified != new.modified ? "time" : "",
            old.attributes != new.attributes ? "extended attributes" : "",
        ].filter { !$0.isEmpty }
    }

    private func printPatches(
        _ versions: [PathHistory.Version], _ repository: Repository
    ) throws {
        for version in versions {
            let (old, new) = (Self.file(version.before), Self.file(version.node))
            guard [.created, .changed, .back, .type].contains(version.change),
                old != nil || new != nil
            else { continue }
            if !console.isJSON {
                try console.print("")
                try console.print(
                    "\(version.change.rawValue) \(version.snapshot.shownName)")
            }
            try PatchPrinter(console).print(
                try old.map { try PatchedFile($0, at: path, of: repository) } ?? .none,
                try new.map { try PatchedFile($0, at: path, of: repository) } ?? .none)
        }
    }

    /// What is there, if it is a file.
    private static func file(_ node: Node?) -> Node? { node?.kind == .file ? node : nil }

    private func json(_ version: PathHistory.Version, _ host: String) -> JSONValue {
        var value = version.node.map { NodeText.json(path, $0, "version") }
        if value == nil {
            value = .object([.init("message_type", "version")] + Shown.fields("path", path))
        }
        return (value ?? .null)
            .adding("change", .text(version.change.rawValue)).adding("hostname", .text(host))
            .adding("snapshot_id", .text(version.snapshot.id.hex))
            .adding("time", .text(Timestamp.text(nanoseconds: version.snapshot.summary.time)))
            .adding("last_snapshot", .text(version.last.id.hex))
            .adding("snapshots_count", .integer(version.count))
            .adding("added_bytes", .integer(version.bytesAdded))
            .adding("removed_bytes", .integer(version.bytesRemoved))
    }
}
