import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

extension Snapshot {
    struct Restore: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a snapshot, or a part of it, into a directory. (alias: varve restore)",
            usage: """
                varve snapshot restore REF[:PATH] --target DIRECTORY [OPTIONS]
                varve snapshot restore REF[:PATH] --to URL [OPTIONS]
                """,
            discussion: """
                Without a path the whole tree is laid out below the target; with one, the contents \
                of that directory are put into it. Every byte is checked before it is written. What \
                is there already is compared, and only what differs is written.

                  varve snapshot restore latest --target /tmp/back
                  varve snapshot restore latest:/srv/app/data --target /srv/app/data --delete
                  varve snapshot restore @2026-11-21 /etc --target /tmp/etc -i '*.conf'
                  varve snapshot restore latest --to postgres://admin@db.example/app2
                  varve restore latest --to postgres://db/app --table public.users --as old

                With --to a dumped database is put back into a server: whole, into a new database, or \
                with --replace in place of one; or single tables into a database that is there.

                Patterns are those of `snapshot create`, on the paths in the snapshot. Alone at a \
                terminal it shows the snapshots and asks.

                Exit status: 0 done, 1 something could not be written, 20 damage found.
                """)

        @Argument(help: ArgumentHelp("The snapshot, and a path in it.", valueName: "ref[:path]"))
        var reference: String?

        @Argument(help: ArgumentHelp("The path, if not given with a colon.", valueName: "path"))
        var path: String?

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp(
                "Directory to restore into; made if missing.", valueName: "directory"),
            completion: .directory)
        var target: String?

        @OptionGroup(title: "Into a database") var database: RestoreURLOptions
        @OptionGroup(title: "What is restored") var selection: RestoreSelectionOptions
        @OptionGroup(title: "How it is written") var writing: RestoreWritingOptions
        @OptionGroup(title: "A section of a JSON file") var section: RestoreSectionOptions
        @OptionGroup var filters: FilterOptions
        @OptionGroup var common: GlobalOptions

        func validate() throws {
            if target?.isEmpty == true {
                throw ValidationError("--target is empty; name a directory")
            }
        }

        func run(_ console: Console) throws {
            if let pointer = try section.pointer() { return try restore(pointer, console) }
            guard let reference else { return try ask(console) }
            if let url = database.to { return try restore(reference, to: url, console) }
            guard let target else {
                throw Failure.usage("--target is missing; name the directory to restore into")
            }
            let words = try ReferenceWords(reference, path: path)
            let owner = try writing.owner()
            let access = try RepositoryAccess(common.repository)
            let repository = try access.open()
            let source = try words.target(in: repository, filters)
            var options = try options(source, target, owner)
            options.ownPaths = access.ownPaths(of: repository)
            try restore(source, of: repository, options, console)
        }

        /// What the options say of a restore into `target`; throws when that would be a mistake.
        func options(
            _ source: Target, _ target: String, _ owner: RestoredOwner?
        ) throws -> RestoreOptions {
            var options = RestoreOptions(target: target, path: source.path)
            options.owner = owner
            options.numericIDs = writing.numericIds
            options.overwrite = OverwriteRule(rawValue: writing.overwrite) ?? .always
            options.sparse = writing.sparse
            options.verifies = writing.verify
            options.syncs = writing.sync
            options.dryRun = writing.dryRun
            options.deletes = selection.delete
            for pattern in selection.include {
                try options.includes.add(RawText.bytes(pattern), from: .option("--include"))
            }
            for pattern in selection.exclude { try options.excludes.add(RawText.bytes(pattern)) }
            try refuseToEmptyTheMachine(options)
            try refuseToDeleteTheUnread(source, options)
            return options
        }

        private func refuseToEmptyTheMachine(_ options: RestoreOptions) throws {
            guard options.deletes, options.path.isEmpty, options.includes.isEmpty,
                Places.resolved(options.target) == "/"
            else { return }
            throw Failure.usage(
                "--delete with --target / needs a path, as in latest:/srv/app, or --include")
        }

        /// What could not be read is not in the snapshot, and yet was there.
        private func refuseToDeleteTheUnread(_ source: Target, _ options: RestoreOptions) throws {
            guard options.deletes, source.entry.summary.isIncomplete else { return }
            throw Failure(
                Failure.failedStatus,
                "snapshot \(source.entry.id.hex.prefix(8)) is incomplete: --delete would remove what "
                    + "could not be read when it was taken; restore it without --delete")
        }

        func restore(
            _ source: Target, of repository: Repository, _ options: RestoreOptions,
            _ console: Console
        ) throws {
            Interrupts.install()
            if !source.entry.damage.isEmpty {
                console.warn(
                    "snapshot \(source.entry.id.hex.prefix(8)) is known to be damaged: "
                        + Shown.text(source.entry.damage))
            }
            let progress = Progress()
            let events = EventPrinter(during: "restore", console)
            let live = try LiveLine.start(progress, console, common.output)
            defer { live?.stop() }
            let report: RestoreReport
            do {
                report = try VarveArchive.restore(
                    source.entry, of: repository, options, progress: progress,
                    observer: { events.print($0) })
            } catch ArchiveError.interrupted {
                throw Failure(
                    Failure.interruptedStatus,
                    "interrupted: \(options.target) holds a part of the snapshot; run the command "
                        + "again to go on")
            } catch ArchiveError.target(let path, let reason) where path != options.target {
                throw Failure(
                    Failure.failedStatus,
                    "\(options.target) cannot take more: \(reason), at \(Shown.text(path)); what "
                        + "was restored so far is there, make room and run the command again")
            }
            live?.stop()
            try RestoreSummary(
                report: report, source: source, target: options.target, dryRun: options.dryRun
            ).print(console)
            if report.isDamaged { throw Failure.reported(Failure.damagedStatus) }
            if !report.issues.isEmpty { throw Failure.reported(Failure.failedStatus) }
        }
    }
}
