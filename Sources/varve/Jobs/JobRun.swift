import ArgumentParser
import VarveArchive
import VarveFormat
import VarveJobs
import VarveMaintenance
import VarveRepository
import VarveSources
import VarveSystem

/// One run of a job, from its lock to the last of its hooks.
struct JobRun {
    private let job: Job
    private let file: JobFile
    private let options: RepositoryOptions
    private let output: OutputOptions
    private let console: Console
    private let isConfirmed: Bool
    private let isDryRun: Bool
    private let hooks: HookRun

    init(
        _ job: Job, of file: JobFile, _ repository: JobRepository, _ output: OutputOptions,
        _ console: Console, isConfirmed: Bool, isDryRun: Bool
    ) {
        self.job = job
        self.file = file
        options = repository.options
        self.output = output
        self.console = console
        self.isConfirmed = isConfirmed
        self.isDryRun = isDryRun
        hooks = HookRun(job, of: file)
    }

    /// Runs it, tells what fails, and answers the exit status.
    func run() throws -> Int32 {
        let started = Clock.monotonicNanoseconds()
        var outcome = JobOutcome()
        do {
            if isDryRun {
                try sayHooks()
                try take(&outcome)
                try sayProof()
                outcome.finish()
            } else {
                try runLocked(&outcome)
            }
        } catch {
            fail(error, &outcome)
        }
        try report(outcome, nanoseconds: Clock.monotonicNanoseconds() - started)
        return outcome.status
    }

    private func runLocked(_ outcome: inout JobOutcome) throws {
        guard let state = try Places.local(cache: options.cacheDir).state,
            let lock = try JobLock(job, of: file.path, in: state)
        else {
            throw Failure(
                Failure.refusedStatus,
                "the job \(job.name) runs already on this machine; nothing was done")
        }
        runSteps(&outcome)
        // Held up to here.
        _ = consume lock
    }

    private func runSteps(_ outcome: inout JobOutcome) {
        do {
            try hooks.run(.before, outcome.progress)
            try take(&outcome)
            if !outcome.isIncomplete {
                let isProven = try prove(&outcome)
                try keep(forgets: isProven)
            }
        } catch {
            fail(error, &outcome)
        }
        outcome.finish()
        let moment = outcome.status == 0 ? HookMoment.onSuccess : .onFailure
        for failure in hooks.runAll(moment, outcome.progress) { fail(failure, &outcome) }
        for failure in hooks.runAll(.after, outcome.progress) { fail(failure, &outcome) }
    }

    /// Notes what failed, and tells it at once.
    private func fail(_ error: any Error, _ outcome: inout JobOutcome) {
        console.report(outcome.fail(error))
    }

    /// Takes the snapshot, and says of an incomplete one what it lacks.
    private func take(_ outcome: inout JobOutcome) throws {
        let snapshot = JobSnapshot(job, in: file.directory, options, output, console)
        let taken = try snapshot.take(isDryRun: isDryRun)
        outcome.snapshot = taken.report.snapshot
        outcome.isIncomplete = taken.report.isIncomplete
        outcome.failed = taken.failed
    }

    private var host: String { job.host ?? Environment.hostName() }

    /// Proves the snapshot when it is time to; false when it fails, which is told.
    private func prove(_ outcome: inout JobOutcome) throws -> Bool {
        guard let id = outcome.snapshot, job.proof.interval != nil else { return true }
        let repository = try RepositoryAccess(options).open()
        let isDue = job.isProofDue(
            job.snapshots(of: host, in: repository.state), now: Clock.wallNanoseconds(),
            RetentionCalendar(secondsEast: CalendarTime.secondsEast))
        guard isDue, let entry = repository.state.snapshots.first(where: { $0.id == id }) else {
            return true
        }
        let proving = SnapshotProving(
            entry, repository, job.proof.questions, jobs: job.databases.jobs)
        var failure: Failure?
        do {
            failure = try Verification(entry, repository, proving, console, output).run()
                .map { Failure($0.status, $0.reason) }
        } catch {
            if Interrupts.isRequested { throw error }
            failure = Failure(error)
        }
        guard let failure else { return true }
        let told = "the new snapshot is not proven, so nothing is forgotten: "
        fail(Failure(failure.status, told + failure.message), &outcome)
        return false
    }

    /// Forgets, prunes and copies, as far as the job says so.
    private func keep(forgets: Bool) throws {
        if forgets, let retention = job.retention {
            let repository = try RepositoryAccess(options).open()
            var filters = FilterOptions()
            (filters.host, filters.tag, filters.source) = ([host], [job.jobTag], [])
            let forgetting = PolicyForgetting(
                policy: retention.policy, grouping: [], isConfirmed: isConfirmed, isDryRun: false,
                separatesIncomplete: true)
            try forgetting.run(filters, in: repository, console)
            if retention.prunes { try PruneSummary.prune(repository, console) }
        }
        guard !job.destinations.isEmpty else { return }
        var sync = try Sync.parse(job.destinations.map { "./\($0)" })
        sync.words = job.destinations
        (sync.choice.filters.host, sync.choice.filters.tag) = ([host], [job.jobTag])
        sync.common.repository = options
        sync.common.output = output
        try sync.run(console)
    }

    private func sayHooks() throws {
        for moment in [HookMoment.before, .onSuccess, .onFailure, .after] {
            for hook in hooks.hooks(of: moment) {
                try console.say(
                    "would run \(moment.rawValue): "
                        + Shown.text(hook.invocation.words.map(shellWord).joined(separator: " ")))
            }
        }
    }

    private func sayProof() throws {
        switch job.proof.interval {
        case nil: break
        case .everyRun?: try console.say("would prove the snapshot by restoring it")
        case .age(let age)?:
            try console.say("would prove the snapshot by restoring it, if none was in \(age)")
        }
    }

    private func report(_ outcome: JobOutcome, nanoseconds: Int64) throws {
        guard console.isJSON else {
            let state = outcome.progress.status
            guard state != .success else { return }
            return console.warn("job \(job.name): \(state.rawValue)")
        }
        try console.emit([
            "message_type": "job", "job": .text(job.name),
            "status": .text(outcome.progress.status.rawValue),
            "exit_status": .integer(Int(outcome.status)),
            "snapshot_id": .optional(outcome.snapshot?.hex), "failed": .texts(outcome.failed),
            "error": .text(outcome.progress.error), "dry_run": .flag(isDryRun),
            "total_duration": .seconds(nanoseconds: nanoseconds),
        ])
        try console.flush()
    }
}
