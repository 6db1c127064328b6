import VarveFormat
import VarveMaintenance
import VarveRepository

/// What `forget` says.
struct ForgetSummary {
    private let console: Console
    private let dryRun: Bool

    init(_ console: Console, dryRun: Bool) {
        self.console = console
        self.dryRun = dryRun
    }

    /// Says why there is nothing to judge.
    func nothing(_ sentence: String) throws {
        guard !console.isJSON else { return try end(nil, of: [], keeping: 0) }
        try console.say(sentence)
    }

    /// Shows what stays in a group and why, then what goes.
    func show(_ part: RetentionPlan.Part) throws {
        guard !console.isJSON else { return try console.emit(Self.json(part)) }
        try console.say(Self.name(part.group))
        if !part.kept.isEmpty {
            var table = Table(Self.columns + [("Kept because", .left)])
            for kept in part.kept {
                let reasons = Shown.text(Self.reasons(kept).joined(separator: ", "))
                table.add(Self.row(kept.entry, in: part.group) + [reasons])
            }
            try say("keep \(Amounts.count(part.kept.count)):", table)
        }
        if !part.removed.isEmpty {
            try say(
                "forget \(Amounts.count(part.removed.count)):", table(part.removed, in: part.group))
        }
        try console.say("")
    }

    /// Shows what was named.
    func show(_ entries: [RepositoryState.SnapshotEntry]) throws {
        guard !console.isJSON else { return }
        for line in table(entries).lines { try console.say(line) }
        try console.say("")
    }

    /// Says how many would go, and what that would free.
    func end(
        dryRunOf entries: [RepositoryState.SnapshotEntry], in repository: Repository,
        keeping count: Int, isDrastic: Bool = false
    ) throws {
        var freed: Int?
        do {
            freed = try repository.bytesFreed(byForgetting: entries.map(\.id))
        } catch let error as RepositoryError {
            guard case .damaged = error else { throw error }
            console.warn("what that would free is not known: \(error.description)")
        }
        try end(nil, of: entries, keeping: count, isDrastic: isDrastic, freeing: freed)
    }

    /// Says how many went; without a report none did.
    func end(
        _ report: ForgetReport?, of entries: [RepositoryState.SnapshotEntry], keeping count: Int,
        isDrastic: Bool = false, freeing freed: Int? = nil
    ) throws {
        let gone = report?.forgotten ?? (dryRun ? entries.map(\.id) : [])
        let spared = report?.spared.count ?? 0
        guard !console.isJSON else {
            return try console.emit([
                "message_type": "summary", "snapshots_forgotten": .integer(gone.count),
                "snapshots_kept": .integer(count + spared), "snapshots_spared": .integer(spared),
                "forgotten": .texts(gone.map(\.hex)), "dry_run": .flag(dryRun),
                "freed_bytes": freed.map { .integer($0) } ?? .null,
            ])
        }
        let numbers = "\(Amounts.count(gone.count, "snapshot")), "
        if dryRun {
            try console.say(
                "dry run, nothing is changed: would forget \(numbers)\(Amounts.count(count)) stay")
            if let freed, !gone.isEmpty {
                try console.say("`varve prune` would then free about \(Amounts.bytes(freed))")
            }
            if isDrastic { try console.say("more than half of a group would go: it takes `--yes`") }
            return
        }
        try console.say("forgot \(numbers)\(Amounts.count(count + spared)) stay")
        if spared > 0 {
            try console.say(
                "\(Amounts.count(spared)) of them were pinned or tagged meanwhile, and were spared")
        }
    }

    private func say(_ heading: String, _ table: Table) throws {
        try console.say(heading)
        for line in table.lines { try console.say(line) }
    }

    private func table(
        _ entries: [RepositoryState.SnapshotEntry], in group: RetentionGroup? = nil
    ) -> Table {
        var table = Table(Self.columns)
        for entry in entries { table.add(Self.row(entry, in: group)) }
        return table
    }

    private static let columns: [(String, Table.Side)] = [
        ("ID", .left), ("Time", .left), ("Host", .left), ("Sources", .left), ("Tags", .left),
    ]

    /// The columns of a snapshot; what its whole group shares is left empty.
    private static func row(
        _ entry: RepositoryState.SnapshotEntry, in group: RetentionGroup?
    ) -> [String] {
        let summary = entry.summary
        return [
            String(entry.id.hex.prefix(8)), TimeText.local(summary.time),
            group?.host == nil ? Shown.text(summary.host) : "",
            group?.sources == nil ? list(summary.sources) : "",
            Shown.text(summary.tags.joined(separator: ", ")),
        ]
    }

    private static func reasons(_ kept: RetentionPlan.Kept) -> [String] {
        kept.reasons.map(\.description)
    }

    /// A group as a sentence has it.
    static func name(_ group: RetentionGroup) -> String {
        let sources = group.sources.map { " of \(list($0.map(\.text)))" } ?? ""
        let host = group.host.map { " on \(Shown.text($0.text))" } ?? ""
        let tags =
            group.tags.map { $0.isEmpty ? " without tags" : " tagged \(list($0.map(\.text)))" }
            ?? ""
        let dated =
            switch group.dating {
            case .storage: ""
            case .origin: ", copied from another repository"
            case .hand: ", dated by hand"
            }
        return "snapshots" + sources + host + tags + dated
    }

    private static func list(_ texts: [String]) -> String {
        Shown.text(texts.joined(separator: ", "))
    }

    private static func json(_ part: RetentionPlan.Part) -> JSONValue {
        let group = part.group
        let dating =
            switch group.dating {
            case .storage: "storage"
            case .origin: "origin"
            case .hand: "hand"
            }
        return [
            "message_type": "group", "host": .optional(group.host?.text),
            "paths": group.sources.map { .texts($0.map(\.text)) } ?? .null,
            "tags": group.tags.map { .texts($0.map(\.text)) } ?? .null, "dated_by": .text(dating),
            "keep": .list(part.kept.map(\.entry.json)), "remove": .list(part.removed.map(\.json)),
            "reasons": .list(
                part.kept.map { kept in
                    [
                        "snapshot_id": .text(kept.entry.id.hex),
                        "matches": .texts(reasons(kept)),
                    ]
                }),
        ]
    }
}
