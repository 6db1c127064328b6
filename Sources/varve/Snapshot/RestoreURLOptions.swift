import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSources
import VarveSystem

/// What of a dumped database is put back where.
struct RestoreURLOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server and database to restore into: postgres://USER@HOST/DATABASE; or, for tables, "
                + "sqlite:PATH.",
            valueName: "url"))
    var to: String?

    @Flag(help: "Exchange the database, or the table, that is there.")
    var replace = false

    @Flag(help: "End the connections of others to the database that is exchanged.")
    var force = false

    @Option(help: ArgumentHelp("Tables and indexes at the same time.", valueName: "number"))
    var jobs = 2

    @Option(
        help: ArgumentHelp(
            "Only this table, into a database that is there; may be given several times.",
            valueName: "schema.table"))
    var table: [String] = []

    @Option(name: .customLong("as"), help: ArgumentHelp("The table's new name.", valueName: "name"))
    var newName: String?

    @Option(help: ArgumentHelp("Only what is in this schema.", valueName: "name"))
    var schema: String?

    @Flag(help: "Everything but rows.")
    var schemaOnly = false

    @Flag(help: "Only rows, into tables that are there and empty.")
    var dataOnly = false

    @Flag(help: "Let everything belong to the user who restores.")
    var noOwner = false

    @Flag(
        name: [.long, .customLong("no-acl")],
        help: "Leave out what other roles may do. (--no-acl)")
    var noPrivileges = false

    func validate() throws {
        guard to != nil else {
            let isUsed = replace || force || !table.isEmpty || newName != nil || schema != nil
            guard !isUsed, !schemaOnly, !dataOnly, !noOwner, !noPrivileges else {
                throw ValidationError("--table and its kind go with --to URL")
            }
            return
        }
        guard !schemaOnly || !dataOnly else {
            throw ValidationError("--schema-only and --data-only exclude each other")
        }
        guard table.isEmpty || schema == nil else {
            throw ValidationError("--table and --schema exclude each other")
        }
        guard newName == nil || table.count == 1, newName != "" else {
            throw ValidationError("--as is the new name of one --table")
        }
        if replace, let refusal = options.refusalToReplace { throw ValidationError(refusal) }
        try SourceArguments.check(jobs)
    }

    var options: DatabaseRestoreOptions {
        var options = DatabaseRestoreOptions()
        options.replaces = replace
        options.forces = force
        options.jobs = jobs
        options.tables = table
        options.schema = schema
        options.newName = newName
        options.ownership.keepsOwners = !noOwner
        options.ownership.keepsPrivileges = !noPrivileges
        options.parts = schemaOnly ? .schema : dataOnly ? .data : .everything
        return options
    }
}

extension Snapshot.Restore {
    /// Puts a dumped database back.
    func restore(_ reference: String, to url: String, _ console: Console) throws {
        guard target == nil else {
            throw Failure.usage("--to and --target exclude each other")
        }
        let isForFiles =
            writing.dryRun || writing.verify || writing.sparse || writing.chown != nil
            || selection.delete || !selection.include.isEmpty || !selection.exclude.isEmpty
        guard !isForFiles else {
            throw Failure.usage("with --to only the options about databases have a meaning")
        }
        let words = try ReferenceWords(reference, path: path)
        let (repository, source) = try words.open(common, filters)
        Interrupts.install()
        let progress = Progress()
        let live = try LiveLine.start(progress, console, common.output)
        defer { live?.stop() }
        let report: DatabaseRestoreReport
        do {
            report = try restoreDatabase(
                at: source.path, of: source.entry, repository, to: url, database.options,
                progress: progress)
        } catch ArchiveError.interrupted {
            throw Failure(
                Failure.interruptedStatus, "interrupted: nothing was changed in the database")
        } catch let error as SourceError {
            throw Failure(
                Failure.failedStatus,
                "\(Shown.text(error.description)); nothing was changed in the database")
        }
        live?.stop()
        try print(report, source, console)
    }

    private func print(
        _ report: DatabaseRestoreReport, _ source: Target, _ console: Console
    ) throws {
        guard !console.isJSON else {
            return try console.emit([
                "message_type": "summary", "snapshot_id": .text(source.entry.id.hex),
                "target": .text(report.target), "tables": .integer(report.tables),
                "rows": .integer(report.rows), "bytes": .integer(report.bytes),
                "notes": .texts(report.notes),
                "total_duration": .seconds(nanoseconds: report.durationNanoseconds),
            ])
        }
        try console.say(
            "restored snapshot \(source.entry.id.hex.prefix(8)) into \(Shown.text(report.target))")
        let time = Amounts.duration(nanoseconds: report.durationNanoseconds)
        try console.say(
            "  \(Amounts.count(report.tables, "table")), \(Amounts.count(report.rows, "row")), "
                + "\(Amounts.bytes(report.bytes)) in \(time)")
        for note in report.notes { try console.say("  \(Shown.text(note))") }
    }
}
