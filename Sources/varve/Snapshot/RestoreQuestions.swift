import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

extension Snapshot.Restore {
    /// Without arguments, at a terminal: shows the snapshots, then what would be overwritten, and
    /// restores after a yes.
    func ask(_ console: Console) throws {
        guard Terminal.isTerminal(0), Terminal.isTerminal(1), !console.isJSON else {
            throw Failure.usage(
                "no snapshot is named; write `varve snapshot restore latest --target DIRECTORY`")
        }
        let owner = try writing.owner()
        let access = try RepositoryAccess(common.repository)
        let repository = try access.open()
        let entries = SnapshotReference.oldestFirst(
            repository.state.snapshots.filter(filters.filter.admits))
        guard !entries.isEmpty else {
            throw Failure(Failure.failedStatus, "there is no snapshot to restore")
        }
        for entry in entries {
            let sources = Shown.text(entry.summary.sources.joined(separator: ", "))
            try console.print(
                "\(entry.id.hex.prefix(8))  \(TimeText.local(entry.summary.time))  "
                    + "\(Shown.text(entry.summary.host))  \(Amounts.bytes(entry.summary.bytes))  "
                    + sources)
        }
        let reference = try answer("which one, with a path perhaps [latest]", console)
        let words = try ReferenceWords(reference.isEmpty ? "latest" : reference)
        let source = try words.target(in: repository, filters)
        let target = try target ?? answer("into which directory", console)
        guard !target.isEmpty else { throw Failure.usage("no directory was named") }
        var options = try options(source, target, owner)
        options.ownPaths = access.ownPaths(of: repository)
        try show(source, of: repository, options, console)
        if options.dryRun { return }
        guard try answer("go on? [y/N]", console).lowercased().hasPrefix("y") else {
            return try console.say("nothing was changed")
        }
        try restore(source, of: repository, options, console)
    }

    /// The most entries that are named before the question.
    private static var shownMax: Int { 20 }

    /// Says what would be overwritten or removed.
    private func show(
        _ source: Target, of repository: Repository, _ options: RestoreOptions, _ console: Console
    ) throws {
        var trial = options
        trial.dryRun = true
        let affected = AffectedEntries()
        let report = try VarveArchive.restore(
            source.entry, of: repository, trial, progress: Progress(),
            observer: { affected.note($0) })
        for line in affected.lines.prefix(Self.shownMax) { try console.print(line) }
        if affected.lines.count > Self.shownMax {
            try console.print(
                "... and \(Amounts.count(affected.lines.count - Self.shownMax)) more")
        }
        try RestoreSummary(
            report: report, source: source, target: options.target, dryRun: true
        ).print(console)
    }

    /// Asks at the terminal; the end of input is the end of the command.
    private func answer(_ question: String, _ console: Console) throws -> String {
        try console.flush()
        try Console.errors.write(Array((question + ": ").utf8))
        guard let line = readLine() else {
            throw Failure(Failure.failedStatus, "nothing was changed")
        }
        return line
    }
}
