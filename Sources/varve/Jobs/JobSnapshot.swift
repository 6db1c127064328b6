import Synchronization
import VarveArchive
import VarveFormat
import VarveJobs
import VarveRepository
import VarveSources
import VarveSystem

/// The snapshot of a job.
struct JobSnapshot {
    private let job: Job
    private let directory: String
    private let options: RepositoryOptions
    private let output: OutputOptions
    private let console: Console

    /// What a snapshot came to.
    struct Taken {
        var report: SnapshotReport
        /// Sources that failed, and files of secrets; then how much else could not be read.
        var failed: [String]
    }

    init(
        _ job: Job, in directory: String, _ options: RepositoryOptions, _ output: OutputOptions,
        _ console: Console
    ) {
        self.job = job
        self.directory = directory
        self.options = options
        self.output = output
        self.console = console
    }

    func take(isDryRun: Bool) throws -> Taken {
        let access = try RepositoryAccess(options)
        let repository = try repository(access, isDryRun: isDryRun)
        var unread: [(path: String, reason: String)] = []
        let list = SecretList(
            of: job, repository: access.location, keyFile: try keyFile(of: repository, access)
        ) { unread.append(($0, $1)) }
        let running = RunningCommands()
        defer { running.end() }
        let sources = try job.snapshotSources(
            in: directory, list, unread: unread, running: running)
        var options = try snapshotOptions(access, isDryRun: isDryRun)
        options.parent = parent(in: repository, options.host)
        let failures = FailedItems()
        let events = CreateEvents(console)
        let progress = Progress()
        let live = try LiveLine.start(progress, console, output)
        defer { live?.stop() }
        let report = try takeSnapshot(
            of: sources, into: repository, options, progress: progress
        ) { event in
            failures.note(event)
            events.note(event)
        }
        live?.stop()
        let failed = failures.named(job.sources.map(\.name) + report.sources)
        try describe(report, failed, repository)
        try CreateSummary(
            report: report, options: options, bytesRead: events.bytesRead,
            compressedFile: events.compressedFile, excluded: events.excluded
        ).print(console)
        return Taken(report: report, failed: failed)
    }

    private func repository(_ access: RepositoryAccess, isDryRun: Bool) throws -> Repository {
        guard access.isDefault, try !access.exists() else {
            return try isDryRun ? access.openDry() : access.open()
        }
        return try isDryRun ? RepositoryAccess.imagined() : access.createDefault(console)
    }

    /// The file that opens the repository, also when it lies where nobody placed it.
    private func keyFile(of repository: Repository, _ access: RepositoryAccess) throws -> String? {
        switch access.secret {
        case .keyFile(let path): Places.absolute(path)
        case .passphraseFile(let path): Places.absolute(path)
        case nil: try Places.keyFile(repository.id)
        default: nil
        }
    }

    private func snapshotOptions(
        _ access: RepositoryAccess, isDryRun: Bool
    ) throws -> SnapshotOptions {
        let user = Accounts.userName(Accounts.currentUser) ?? "\(Accounts.currentUser)"
        var options = SnapshotOptions(
            time: Clock.wallNanoseconds(), host: job.host ?? Environment.hostName(), user: user,
            program: Varve.program)
        options.tags = job.tags + (job.tags.contains(job.jobTag) ? [] : [job.jobTag])
        options.description = job.description
        try LongOptions.refuse(options.tags + [options.host, options.description])
        options.isDryRun = isDryRun
        options.countsAhead = Terminal.isTerminal(2)
        options.excludes = job.excludes
        options.databases = job.databases.opening
        options.level = try job.compression ?? Compression.level(nil)
        options.secretFiles = job.secrets.map(\.path)
        options.ownDirectories = access.ownDirectories.map(Places.resolved)
        return options
    }

    /// The newest snapshot of the job, whatever its sources were then.
    private func parent(in repository: Repository, _ host: String) -> SnapshotOptions.Parent {
        let own = job.snapshots(of: host, in: repository.state)
        return SnapshotReference.oldestFirst(own).last.map { .snapshot($0.id) } ?? .automatic
    }

    /// Says in the description of an incomplete snapshot what it lacks.
    private func describe(
        _ report: SnapshotReport, _ failed: [String], _ repository: Repository
    ) throws {
        guard report.isIncomplete, let id = report.snapshot else { return }
        let lacks = "failed: " + Shown.text(failed.joined(separator: "; "))
        let text = job.description.isEmpty ? lacks : "\(job.description); \(lacks)"
        _ = try repository.amend(id) { _ in .description(String(text.prefix(4_000))) }
    }
}

/// What could not be read while a snapshot was taken.
private final class FailedItems: Sendable {
    private let found = Mutex<[String: String]>([:])
    private let count = Atomic(0)
    private static let foundMax = 10_000

    func note(_ event: ArchiveEvent) {
        guard case .failed(let path, let reason) = event else { return }
        count.wrappingAdd(1, ordering: .relaxed)
        found.withLock { if $0.count < Self.foundMax { $0[path] = reason } }
    }

    /// Those that are sources, or files of secrets, by name; then the number of the others.
    func named(_ sources: [String]) -> [String] {
        let found = found.withLock { $0 }
        var seen: Set<String> = []
        let names = sources.filter { found[$0] != nil && seen.insert($0).inserted }
        let rest = count.load(ordering: .relaxed) - names.count
        return names + (rest > 0 ? ["\(Amounts.count(rest, "item")) could not be read"] : [])
    }
}
