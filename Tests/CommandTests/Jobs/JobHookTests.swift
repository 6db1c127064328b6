import Glibc
import TestSupport
import Testing
import VarveSystem

@Suite("Hooks of jobs")
struct JobHookTests {
    let jobs: JobProgram

    init() throws { jobs = try JobProgram() }

    /// A job whose hooks write down when they ran.
    private func write(before: String = "true", rest: String = "") throws {
        try jobs.jobs(
            """
            jobs:
              app:
                sources: [data]
            \(rest)
                hooks:
                  before:
                    - 'echo before $VARVE_STATUS $VARVE_SNAPSHOT_ID. >> ../out'
                    - '\(before)'
                    - 'echo ready >> ../out'
                  on_success: 'echo good $VARVE_STATUS $VARVE_SNAPSHOT_ID >> ../out'
                  on_failure: 'echo bad $VARVE_STATUS $VARVE_ERROR >> ../out'
                  after: 'echo after $VARVE_STATUS >> ../out'
            """)
    }

    @Test("run around the snapshot in their order")
    func order() throws {
        try write()
        let run = try jobs.run("app", "--json")
        #expect(run.status == 0, "\(run)")
        let id = try #require(
            run.output.split(separator: "\"snapshot_id\":\"").last?.prefix(64))
        #expect(
            jobs.lines("out") == [
                "before running .", "ready", "good success \(id)", "after success",
            ])
    }

    @Test("one of before that fails means no snapshot, and what cleans up runs")
    func before() throws {
        try write(before: "exit 7")
        let run = try jobs.run("app")
        #expect(run.status == 1, "\(run)")
        #expect(run.errors.contains("the hook `exit 7` ended with exit status 7"))
        #expect(
            jobs.lines("out") == [
                "before running .", "bad failed the hook `exit 7` ended with exit status 7",
                "after failed",
            ])
        #expect(try jobs.snapshotCount() == 0)
    }

    @Test("one that fails behind the snapshot fails the job, and the snapshot stays")
    func behind() throws {
        try jobs.jobs(
            """
            jobs:
              app:
                sources: data
                hooks: {on_success: 'exit 5', after: ['exit 6', 'echo after $VARVE_STATUS >> ../out']}
            """)
        let run = try jobs.run("app")
        #expect(run.status == 1, "\(run)")
        #expect(run.errors.contains("exit status 5") && run.errors.contains("exit status 6"))
        #expect(jobs.lines("out") == ["after failed"])
        #expect(try jobs.snapshotCount() == 1)
    }

    @Test("a job whose snapshot fails is told to them")
    func failing() throws {
        try write(rest: "    repository: ../none\n    key_file: ../key")
        let run = try jobs.run("app")
        #expect(run.status == 10, "\(run)")
        let lines = jobs.lines("out")
        #expect(lines.count == 4 && lines[2].hasPrefix("bad failed ") && lines[3] == "after failed")
    }

    @Test("what they print is no part of the result")
    func printing() throws {
        try jobs.jobs(
            "jobs: {app: {sources: data, hooks: {before: 'echo noise; echo more >&2; cat'}}}")
        let run = try jobs.run("app", "--json")
        #expect(run.status == 0)
        #expect(!run.output.contains("noise") && !run.output.contains("more"))
        #expect(run.errors.contains("noise\nmore\n"))
    }

    @Test("an interrupt ends the one that runs, and what cleans up runs to its end")
    func interrupt() throws {
        let pipe = jobs.program.path("fifo")
        #expect(try ChildProcess("mkfifo", [pipe]).wait().isSuccess)
        // Opened without waiting for a writer; the kernel says at once whether there is one.
        let reader = File(descriptor: open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC), path: pipe)
        try write(before: "exec 3> ../fifo; sleep 3600 & echo begun >> ../out; sleep 3600")
        let process = try jobs.start("app", "app")
        try wait(for: "the hook") { jobs.lines("out").contains("begun") }
        process.terminate()
        let run = try Program.finish(process)
        #expect(run.status == 130, "\(run)")
        #expect(try reader.contents(limit: 10) == [], "nobody is left who could write")
        let lines = jobs.lines("out")
        #expect(lines.count == 4 && lines[2].hasPrefix("bad interrupted"), "\(lines)")
        #expect(lines.last == "after interrupted", "and no further job is begun")
        #expect(try jobs.snapshotCount() == 0)
    }

    @Test("an interrupt of the snapshot ends its program, and what cleans up runs")
    func interruptedSource() throws {
        try jobs.jobs(
            """
            jobs:
              app:
                sources: [{command: 'echo begun >> ../out; sleep 3600', name: x}]
                hooks: {after: 'echo after $VARVE_STATUS >> ../out'}
            """)
        let process = try jobs.start("app")
        try wait(for: "the program") { jobs.lines("out").contains("begun") }
        process.terminate()
        let run = try Program.finish(process)
        #expect(run.status == 130, "\(run)")
        #expect(jobs.lines("out") == ["begun", "after interrupted"])
    }

    @Test("a second run of the same job does nothing, of another one all")
    func lock() throws {
        try jobs.jobs(
            """
            jobs:
              app:
                sources: data
                hooks:
                  before: 'echo begun >> ../out; while [ ! -e ../go ]; do sleep 0.01; done'
                  after: 'echo after >> ../out'
              other: {sources: data}
            """)
        let first = try jobs.start("app")
        try wait(for: "the first run") { jobs.lines("out") == ["begun"] }
        let second = try jobs.run("app")
        #expect(second.status == 11 && second.errors.contains("runs already"), "\(second)")
        #expect(jobs.lines("out") == ["begun"], "no hook of the second has run")
        #expect(try jobs.run("other").status == 0)
        try jobs.program.write("", "go")
        #expect(try Program.finish(first).status == 0)
        #expect(jobs.lines("out") == ["begun", "after"])
        #expect(try jobs.run("app").status == 0)
    }
}
