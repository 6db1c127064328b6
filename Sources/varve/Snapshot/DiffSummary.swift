import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

/// What `diff` says.
struct DiffSummary {
    let report: ComparisonReport
    let showsMetadata: Bool
    let showsPatches: Bool
    /// Reads the new side of a file, where that lies in no repository.
    var live: LiveFile?
    let console: Console

    typealias LiveFile = (_ path: [UInt8]) throws -> PatchedFile

    /// Prints the changes and the sum; throws where something could not be looked at.
    func print(_ repository: Repository) throws {
        for change in report.changes where showsMetadata || change.kind != .metadata {
            if console.isJSON {
                try console.emit(Self.json(change))
            } else {
                try console.print(Self.line(change))
            }
            if showsPatches { try printPatch(change, repository) }
        }
        if console.isJSON { try console.emit(json) } else { try printSums() }
        let status = report.isIncomplete ? Failure.incompleteStatus : Failure.damagedStatus
        try UnseenParts(issues: report.issues, phase: "diff", status: status).tell(console)
    }

    /// The sign of each sort of change.
    private static func sign(_ change: TreeChange) -> String {
        switch change.kind {
        case .added: "+"
        case .removed: "-"
        case .content: "M"
        case .type: "T"
        case .metadata: "U"
        case .moved: "R"
        }
    }

    private static func line(_ change: TreeChange) -> String {
        let slash = change.isDirectory ? "/" : ""
        let path = Shown.path(change.path) + slash
        let text = change.oldPath.map { Shown.path($0) + slash + " -> " + path } ?? path
        return sign(change) + "    " + text
    }

    private func printPatch(_ change: TreeChange, _ repository: Repository) throws {
        guard [.added, .removed, .content].contains(change.kind), change.node?.kind == .file else {
            return
        }
        let old = try change.old.map { try PatchedFile($0, at: change.path, of: repository) }
        let new = try change.new.map { node in
            try live?(change.path) ?? PatchedFile(node, at: change.path, of: repository)
        }
        try PatchPrinter(console).print(old ?? .none, new ?? .none)
    }

    private func printSums() throws {
        if report.changes.isEmpty {
            let isWhole = report.issues.isEmpty
            return try console.say(
                isWhole ? "no difference" : "no difference in what could be read")
        }
        if !console.isJSON, !report.changes.isEmpty { try console.say("") }
        try console.say("files       " + Self.text(report.files))
        try say("directories ", report.directories)
        try say("others      ", report.others)
        let most = report.isUpperBound ? "at most " : ""
        try console.say(
            "added       \(most)\(Amounts.bytes(report.bytesAdded)) in "
                + Amounts.count(report.chunksAdded, "chunk"))
        try console.say(
            "removed     \(most)\(Amounts.bytes(report.bytesRemoved)) in "
                + Amounts.count(report.chunksRemoved, "chunk"))
        if let stored = report.bytesStored {
            try console.say("stored      \(Amounts.bytes(stored)) in the repository")
        }
    }

    private func say(_ name: String, _ counts: ChangeCounts) throws {
        if counts != ChangeCounts() { try console.say(name + Self.text(counts)) }
    }

    /// "1 added, 2 changed".
    private static func text(_ counts: ChangeCounts) -> String {
        let parts = [
            (counts.added, "added"), (counts.removed, "removed"), (counts.changed, "changed"),
            (counts.moved, "moved"), (counts.metadata, "with other metadata only"),
        ]
        let words = parts.filter { $0.0 > 0 }.map { "\(Amounts.count($0.0)) \($0.1)" }
        return words.isEmpty ? "no change" : words.joined(separator: ", ")
    }

    private static func json(_ change: TreeChange) -> JSONValue {
        var fields: [JSONValue.Field] = [.init("message_type", "change")]
        fields += Shown.fields("path", change.path)
        if let old = change.oldPath { fields += Shown.fields("old_path", old) }
        fields.append(.init("modifier", .text(sign(change))))
        if let node = change.node { fields.append(.init("type", .text(NodeText.type(node)))) }
        if change.kind == .content {
            fields.append(.init("added_bytes", .integer(change.bytesAdded)))
            fields.append(.init("removed_bytes", .integer(change.bytesRemoved)))
        }
        if let old = change.old, old.kind == .file {
            fields.append(.init("old_size", .integer(old.size)))
        }
        if let new = change.new, new.kind == .file {
            fields.append(.init("size", .integer(new.size)))
        }
        return .object(fields)
    }

    private var json: JSONValue {
        [
            "message_type": "statistics",
            "changed_files": .integer(report.files.changed),
            "files": Self.json(report.files), "dirs": Self.json(report.directories),
            "others": Self.json(report.others),
            "added": [
                "chunks": .integer(report.chunksAdded), "bytes": .integer(report.bytesAdded),
            ],
            "removed": [
                "chunks": .integer(report.chunksRemoved), "bytes": .integer(report.bytesRemoved),
            ],
            "stored_bytes": report.bytesStored.map { .integer($0) } ?? .null,
            "upper_bound": .flag(report.isUpperBound),
            "incomplete": .flag(!report.issues.isEmpty),
        ]
    }

    private static func json(_ counts: ChangeCounts) -> JSONValue {
        [
            "added": .integer(counts.added), "removed": .integer(counts.removed),
            "changed": .integer(counts.changed), "moved": .integer(counts.moved),
            "metadata": .integer(counts.metadata),
        ]
    }
}
