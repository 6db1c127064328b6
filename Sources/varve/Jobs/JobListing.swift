import VarveJobs
import VarveRepository

/// The jobs of a file, for people and programs.
struct JobListing {
    private let file: JobFile

    init(_ file: JobFile) { self.file = file }

    func print(_ console: Console) throws {
        guard !console.isJSON else { return try console.print(JSONValue.list(jobs).line) }
        guard !file.jobs.isEmpty else {
            return try console.say("\(Shown.text(file.path)) has no jobs")
        }
        var table = Table([("Job", .left), ("Sources", .left), ("Description", .left)])
        for job in file.jobs {
            table.add([
                job.name, Shown.text(job.sources.map(\.name).joined(separator: ", ")),
                Shown.text(job.description),
            ])
        }
        for line in table.lines { try console.print(line) }
    }

    private var jobs: [JSONValue] {
        file.jobs.map { job in
            [
                "name": .text(job.name), "sources": .texts(job.sources.map(\.name)),
                "description": .text(job.description), "tags": .texts(job.tags),
                "repository": .optional(job.access.repository), "path": .text(file.path),
            ]
        }
    }
}
