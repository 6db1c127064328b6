import Synchronization
import VarveArchive
import VarveRepository

/// Shows what happens on the way, and each failure once.
final class EventPrinter: Sendable {
    private let phase: String
    private let console: Console
    private let seen = Mutex<Set<String>>([])

    /// More different failures than these are all shown.
    private static let seenMax = 10_000

    /// `phase` is the word for programs: "archival", "restore".
    init(during phase: String, _ console: Console) {
        self.phase = phase
        self.console = console
    }

    func print(_ event: ArchiveEvent) {
        switch event {
        case .failed(let path, let reason): warn(path, reason, isError: true)
        case .noted(let path, let reason): warn(path, reason, isError: false)
        case .file(let path, let change, let bytes):
            if console.verbosity >= .verbose { detail(path, action(change), bytes: bytes) }
        case .restored(let path, let action, let bytes): detail(path, word(action), bytes: bytes)
        case .excluded(let path, let reason, let kind):
            detail(path, "excluded", reason: reason, by: kind)
        }
    }

    /// What was done to a file: the words of a snapshot, or those of the way back.
    private func action(_ change: ArchiveEvent.Change) -> String {
        switch phase {
        case "verify": "verified"
        default: change.rawValue
        }
    }

    private func word(_ action: RestoreAction) -> String {
        switch action {
        case .created: "restored"
        case .changed: "changed"
        case .unchanged: "unchanged"
        case .left: "skipped"
        case .deleted: "deleted"
        }
    }

    private func warn(_ path: String, _ reason: String, isError: Bool) {
        let isFirst = seen.withLock { seen in
            seen.count >= Self.seenMax || seen.insert(path + "\0" + reason).inserted
        }
        guard isFirst else { return }
        guard console.isJSON else {
            if isError || console.verbosity > .quiet {
                console.warn("\(Shown.text(path)): \(reason)")
            }
            return
        }
        console.complain(
            .object(
                [
                    .init("message_type", isError ? "error" : "note"),
                    .init("error", ["message": .text(reason)]), .init("during", .text(phase)),
                ] + Shown.fields("item", path)))
    }

    private func detail(
        _ path: String, _ action: String, bytes: Int? = nil, reason: String? = nil,
        by kind: Exclusion.Kind? = nil
    ) {
        guard console.verbosity >= .verbose else { return }
        // A reader that went away is met by the next flush.
        guard console.isJSON else {
            let rest = bytes.map(Amounts.bytes) ?? reason ?? ""
            try? console.print("\(action.padded(to: 10)) \(Shown.text(path))  \(rest)")
            return
        }
        var line = JSONValue.object(
            [.init("message_type", "verbose_status"), .init("action", .text(action))]
                + Shown.fields("item", path))
        if let bytes { line = line.adding("data_size", .integer(bytes)) }
        if let reason { line = line.adding("reason", .text(reason)) }
        if let kind { line = line.adding("excluded_by", .text(kind.rawValue)) }
        try? console.emit(line)
    }
}

extension Issue {
    var json: JSONValue {
        .object(Shown.fields("path", path) + [.init("reason", .text(reason))])
    }

    /// "1 item", "3 items": how much they are about.
    static func items(_ issues: [Issue]) -> String {
        Amounts.count(Set(issues.map(\.path)).count, "item")
    }

    /// The different ones, in their order.
    static func different(_ issues: [Issue]) -> [Issue] {
        var seen: Set<[String]> = []
        return issues.filter { seen.insert([$0.path, $0.reason]).inserted }
    }
}
