import ArgumentParser
import VarveJobs
import VarveRepository
import VarveSystem

struct Run: VarveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take the snapshots that varve.yaml describes.",
        usage: """
            varve run JOB... [OPTIONS]
            varve run --all [OPTIONS]
            varve run [--check]
            """,
        discussion: """
            A job has sources, what is left out of them, hooks before and after, what stays of its \
            snapshots, and where they go. Without a name the jobs are listed.

              varve run --check
              varve run app
              varve run --all --quiet

            The file is the first of these: --config, VARVE_CONFIG, ./varve.yaml, \
            ~/.config/varve/varve.yaml, /etc/varve/varve.yaml. docs/JOBS.md describes it.

            Exit status: 3 when a source failed and the rest was kept, 11 when the job runs already, \
            64 when the file has mistakes.
            """)

    @Argument(help: ArgumentHelp("Jobs of the file.", valueName: "job"))
    var jobs: [String] = []

    @Flag(help: "Run every job, in the order of the file.")
    var all = false

    @Flag(help: "Only say what is wrong in the file.")
    var check = false

    @Option(
        help: ArgumentHelp("File with the jobs (VARVE_CONFIG).", valueName: "file"),
        completion: .file(extensions: ["yaml"]))
    var config: String?

    @Flag(help: "Forget also where more than half of a job's snapshots would go.")
    var yes = false

    @Flag(
        name: [.customShort("n"), .long],
        help: "Read everything and say what would be done, but run no hook and change nothing.")
    var dryRun = false

    @OptionGroup var common: GlobalOptions

    func validate() throws {
        guard jobs.isEmpty || !all else { throw ValidationError("name jobs, or give --all") }
        guard !jobs.contains("") else { throw ValidationError("a job's name is empty") }
    }

    func run(_ console: Console) throws {
        let file = try Self.file(config)
        let chosen = try chosen(of: file)
        for job in file.jobs { _ = try JobRepository(job, common.repository) }
        if check {
            guard console.isJSON else {
                return try console.say(
                    "\(Shown.text(file.path)): \(Amounts.count(file.jobs.count, "job")), no mistakes"
                )
            }
            return try console.emit([
                "message_type": "config", "path": .text(file.path),
                "jobs": .texts(file.jobs.map(\.name)),
            ])
        }
        guard all || !jobs.isEmpty else { return try JobListing(file).print(console) }
        Interrupts.install()
        var statuses: [Int32] = []
        for job in chosen {
            let run = try JobRun(
                job, of: file, JobRepository(job, common.repository), common.output, console,
                isConfirmed: yes, isDryRun: dryRun)
            statuses.append(try run.run())
            if Interrupts.isRequested { break }
        }
        let failed = Set(statuses).subtracting([0])
        if let status = failed.first {
            let isInterrupted = failed.contains(Failure.interruptedStatus)
            throw Failure.reported(
                isInterrupted
                    ? Failure.interruptedStatus : failed.count == 1 ? status : Failure.failedStatus)
        }
    }

    private func chosen(of file: JobFile) throws -> [Job] {
        guard !all else { return file.jobs }
        return try jobs.map { name in
            guard let job = file[name] else {
                let names = file.jobs.map(\.name).joined(separator: ", ")
                throw Failure.usage(
                    "\(Shown.text(file.path)) has no job '\(Shown.text(name))'"
                        + (names.isEmpty ? "" : "; it has \(names)"))
            }
            return job
        }
    }

    /// The file that is named, or found.
    static func file(_ option: String?) throws -> JobFile {
        if let named = try option ?? Variables.value("VARVE_CONFIG") {
            return try JobFile(readingFrom: named)
        }
        let configuration = try? Places.configuration()
        guard let found = JobFile.found(configuration: configuration) else {
            let places = JobFile.places(configuration: configuration).joined(separator: ", ")
            throw Failure.usage(
                "there is no file of jobs; Varve looks for \(places), or give --config FILE")
        }
        return try JobFile(readingFrom: found)
    }
}
