import VarveArchive

/// What a search or a comparison could not look at.
struct UnseenParts {
    let issues: [Issue]
    let phase: String
    var status = Failure.damagedStatus

    /// Names each, and throws when there is one: then the answer lacks something.
    func tell(_ console: Console) throws {
        guard !issues.isEmpty else { return }
        let events = EventPrinter(during: phase, console)
        for issue in Issue.different(issues) {
            events.print(.failed(path: issue.path, reason: issue.reason))
        }
        throw Failure.reported(status)
    }
}
