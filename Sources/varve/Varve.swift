import ArgumentParser
import Glibc
import VarveSystem

@main
struct Varve: ParsableCommand {
    static let version = "0.1.0"
    static let program = "varve \(version)"

    static let configuration = CommandConfiguration(
        commandName: "varve",
        abstract:
            "Keeps snapshots of directories and streams: deduplicated, encrypted, verifiable.",
        discussion: """
            Every snapshot is complete, and only what is new is stored. A first snapshot needs \
            nothing set up; it makes a repository and a key file, and says where they are:

              varve snapshot create ~/Documents
              varve snapshot list
              varve snapshot restore latest --target /tmp/back

            A database dump needs no file in between:

              pg_dump app | varve snapshot create --stdin app.sql
              varve snapshot dump latest:/app.sql | psql app

            A repository of your own choice, and a key that you keep elsewhere:

              export VARVE_REPOSITORY=/mnt/backup/varve VARVE_KEY_FILE=/root/varve.key
              varve init

            The words of restic work too: backup, snapshots, ls, restore, dump, tag, forget,
            copy.
            """,
        version: program,
        subcommands: [
            Init.self, Snapshot.self, Run.self, MountCommand.self, Sync.self, Prune.self,
            Check.self, Repair.self,
            Status.self,
            Stats.self,
            Key.self,
            Secrets.self,
            Import.self,
            Cat.self, Completions.self, Man.self,
        ])

    static func main() {
        Interrupts.ignoreWriteSignals()
        let words = ProcessArguments.all()
        guard !words.isEmpty else {
            Console.complain("varve: the system does not say what this was started with")
            Glibc.exit(Failure.failedStatus)
        }
        Glibc.exit(status(of: words.dropFirst().map(RawText.text)))
    }

    /// Runs what the arguments ask for and answers the exit status.
    static func status(of arguments: [String]) -> Int32 {
        let words = Aliases.canonical(arguments)
        do {
            if let answer = try Aliases.answer(to: words) {
                print(answer)
                return 0
            }
            var command = try parseAsRoot(words)
            try command.run()
            return 0
        } catch let status as ExitCode {
            return status.rawValue
        } catch {
            return explain(error, words)
        }
    }

    /// Prints what the parser has to say: help that was asked for, or what is wrong.
    private static func explain(_ error: any Error, _ words: [String]) -> Int32 {
        var text = fullMessage(for: error)
        guard exitCode(for: error) != .success else {
            if !text.isEmpty { print(text) }
            return 0
        }
        if text.contains("Unknown option"), let sentence = ForeignOptions.sentence(about: words) {
            text = sentence
        }
        let prefix = "Error: "
        let reason = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
        Console.complain("varve: " + reason)
        return Failure.usageStatus
    }
}
