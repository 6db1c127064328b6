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
        guard ["custom", "directory"].contains(word) else {
            throw Failure.usage("--format is '\(word)'; it is plain, custom or directory")
        }
        guard let through, !gzip else {
            throw Failure.usage(
                "--format \(word) needs --through URL, and no --gzip: only pg_dump writes it, from a "
                    + "scratch database on that server")
        }
        if word == "custom" {
            return try writing(isText: false, console) { output, progress in
                try dumpCustom(
                    at: source.path, of: source.entry, repository, through: through, to: output,
                    progress: progress)
            }
        }
        guard let target else {
            throw Failure.usage("--format directory needs --target DIRECTORY")
        }
        try console.say("restoring into a scratch database, for pg_dump to read")
        try dumpDirectory(
            at: source.path, of: source.entry, repository, through: through, to: target,
            progress: Progress())
    }
}
