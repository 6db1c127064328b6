import ArgumentParser
import VarveSources

/// How sources that are databases are read.
struct SourceArguments: ParsableArguments {
    private static let jobsMax = 32

    @Option(help: ArgumentHelp("Tables that are read at the same time.", valueName: "number"))
    var jobs = 2

    @Flag(help: "Keep the server's roles and tablespaces as well.")
    var globals = false

    @Option(
        help: ArgumentHelp(
            "auto: SQLite databases among files are stored as they were at one commit; off: as files.",
            valueName: "auto|off"))
    var databases = FoundDatabases.auto

    @Flag(help: "Let SQLite check every database that is stored.")
    var verify = false

    enum FoundDatabases: String, ExpressibleByArgument, CaseIterable { case auto, off }

    func validate() throws { try Self.check(jobs) }

    /// Refuses a number of jobs that makes no sense.
    static func check(_ jobs: Int) throws {
        guard (1...jobsMax).contains(jobs) else {
            throw ValidationError("--jobs is \(jobs); it is 1 to \(jobsMax)")
        }
    }

    var options: SourceOptions {
        var options = SourceOptions()
        options.jobs = jobs
        options.globals = globals
        options.findsDatabases = databases == .auto
        options.sqlite.isVerified = verify
        return options
    }
}
