import ArgumentParser
import VarveMaintenance
import VarveRepository
import VarveSystem

struct Status: VarveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the last snapshot of each source, its age and size, and what else matters.",
        usage: "varve status [OPTIONS]",
        discussion: """
            With --max-age it is a test for programs that watch: it fails, and names the sources, \
            when a last snapshot is older, when its size left its trend (less than half, or more \
            than twice, the median of up to ten before it), when snapshots are known to be damaged \
            or the last check found damage, and when there is no snapshot at all.

              varve status
              varve status --max-age 26h --quiet

            Repositories that this machine has synced to are opened, too: the newest snapshot there \
            must not be older either, and Missing counts what is here and not there.

            When this machine last checked the repository is only what this machine remembers.
            """)

    @Option(
        help: ArgumentHelp(
            "Fail when a last snapshot is older: `26h`, `2d`.", valueName: "age"))
    var maxAge: String?

    @Option(
        help: ArgumentHelp(
            "Show this destination no more, unless something is synced to it again.",
            valueName: "destination"))
    var forgetDestination: String?

    @OptionGroup var common: GlobalOptions

    func validate() throws { _ = try secondsMax() }

    func run(_ console: Console) throws {
        let access = try RepositoryAccess(common.repository)
        if let forgetDestination { return try forget(forgetDestination, access, console) }
        let repository = try access.open()
        let status = try repository.status(now: Clock.wallNanoseconds())
        let report = StatusReport(
            status: status, secondsMax: try secondsMax(),
            destinations: try DestinationReport(
                of: repository, access, now: status.now, secondsMax: secondsMax()))
        try report.print(console)
        if let reason = report.failure { throw Failure(Failure.failedStatus, reason) }
    }

    private func forget(
        _ destination: String, _ access: RepositoryAccess, _ console: Console
    ) throws {
        let location = try access.beside(destination, nil).location
        guard try access.open().forgetDestination(location) else {
            throw Failure(
                Failure.failedStatus, "this machine remembers no sync to \(Shown.text(location))")
        }
        try console.say("\(Shown.text(location)) is shown no more")
    }

    private func secondsMax() throws -> Int? {
        guard let maxAge else { return nil }
        guard let seconds = GracePeriod.seconds(maxAge), seconds > 0 else {
            throw ValidationError("--max-age is a number of hours or days, such as 26h or 2d")
        }
        return seconds
    }
}
