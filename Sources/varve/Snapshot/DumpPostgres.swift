import VarveArchive
import VarveRepository
import VarveSources
import VarveSystem

extension Snapshot.Dump {
    /// Writes a dumped database in a format of PostgreSQL's.
    func dumpPostgres(
        _ source: Target, _ repository: Repository, as word: String, _ console: Console
    ) throws {
        if word == "plain" {
            return try writing(isText: true, console) { output, progress in
                try dumpScript(
                    at: source.path, of: source.entry, repository, to: output, progress: progress)
            }
        }
        guard let format = DatabaseArchiveFormat(rawValue: word) else {
            throw Failure.usage("--format is '\(word)'; it is plain, custom or directory")
        }
        guard let target, let through, !gzip else {
            throw Failure.usage(
                "--format \(word) needs --target FILE and --through URL, and no --gzip: only pg_dump "
                    + "writes it, from a scratch database on that server")
        }
        try console.say(
            "restoring into a scratch database, for pg_dump to write \(Shown.text(target)) from")
        try dumpArchive(
            at: source.path, of: source.entry, repository, as: format, through: through,
            to: target, progress: Progress())
    }
}
