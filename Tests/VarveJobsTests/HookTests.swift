import Glibc
import TestSupport
import Testing
import VarveSystem

@testable import VarveJobs

@Suite("Hooks")
struct HookTests {
    let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func run(_ hooks: [Hook]) -> HookRun {
        var job = Job(name: "app")
        job.hooks.before = hooks
        job.hooks.after = hooks
        return HookRun(job, of: JobFile(path: scratch.path + "/varve.yaml", jobs: [job]))
    }

    private func hook(_ line: String, seconds: Int = 600) -> Hook {
        Hook(invocation: .shell(line), timeoutSeconds: seconds)
    }

    private func contents(_ name: String) throws -> String {
        String(
            decoding: try File.contents(of: scratch.path + "/" + name, limit: 1 << 20),
            as: UTF8.self)
    }

    @Test("run in their order, in the directory of the file, and know where the job stands")
    func order() throws {
        var progress = JobProgress()
        progress.status = .failed
        progress.snapshot = "ab"
        progress.error = "it's\nbroken"
        let write =
            "echo $VARVE_JOB $VARVE_HOOK $VARVE_STATUS $VARVE_SNAPSHOT_ID \"$VARVE_ERROR\" >> out"
        try run([
            hook(write),
            Hook(invocation: .words(["sh", "-c", "cat >> out; pwd >> out"]), timeoutSeconds: 60),
        ]).run(.after, progress)
        #expect(
            try contents("out")
                == "app after failed ab it's\nbroken\n\(File.realPath(scratch.path))\n")
    }

    @Test("the first that fails keeps the rest from running; what cleans up goes on")
    func failing() throws {
        let hooks = [
            hook("echo 1 >> out"), hook("exit 3"), hook("kill -9 $$"), hook("echo 2 >> out"),
        ]
        #expect(throws: HookFailure.ended(.shell("exit 3"), .exited(3))) {
            try run(hooks).run(.before, JobProgress())
        }
        #expect(try contents("out") == "1\n")
        let failures = run(hooks).runAll(.after, JobProgress())
        #expect(
            failures == [
                .ended(.shell("exit 3"), .exited(3)), .ended(.shell("kill -9 $$"), .signalled(9)),
            ])
        #expect(try contents("out") == "1\n1\n2\n")
        let missing = Invocation.words(["./no-such-program"])
        #expect(throws: HookFailure.self) {
            try run([Hook(invocation: missing, timeoutSeconds: 60)]).run(.before, JobProgress())
        }
    }

    @Test("one that hangs is ended with all that it started")
    func hanging() throws {
        let pipe = scratch.path + "/fifo"
        #expect(try ChildProcess("mkfifo", [pipe]).wait().isSuccess)
        // Opened without waiting for a writer; the kernel says at once whether there is one.
        let reader = File(descriptor: open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC), path: pipe)
        let line = "exec 3> fifo; sleep 3600 & sleep 3600"
        #expect(throws: HookFailure.timedOut(.shell(line), seconds: 2)) {
            try run([hook(line, seconds: 2)]).run(.before, JobProgress())
        }
        #expect(try reader.contents(limit: 10) == [], "nobody is left who could write")
    }

    @Test("one that hears no SIGTERM is killed")
    func deaf() {
        let line = "trap '' TERM; sleep 3600; sleep 3600"
        #expect(throws: HookFailure.timedOut(.shell(line), seconds: 1)) {
            try run([hook(line, seconds: 1)]).run(.before, JobProgress())
        }
    }

    @Test("what one leaves behind on purpose goes on")
    func daemon() throws {
        #expect(try ChildProcess("mkfifo", [scratch.path + "/fifo"]).wait().isSuccess)
        try run([hook("(read line < fifo; echo $line > out) &")]).run(.before, JobProgress())
        try File.openToWrite(scratch.path + "/fifo").write(Array("still here\n".utf8))
        try wait(for: "what was left behind") { (try? contents("out")) == "still here\n" }
    }

    @Test("a job runs once at a time")
    func lock() throws {
        let job = Job(name: "app")
        func isFree(_ name: String = "app", _ path: String = "/f") throws -> Bool {
            let lock = try JobLock(Job(name: name), of: path, in: scratch.path)
            return lock != nil
        }
        let lock = try JobLock(job, of: "/f", in: scratch.path)
        let isMine = lock != nil
        #expect(isMine)
        #expect(try !isFree())
        #expect(try isFree("other"))
        #expect(try isFree("app", "/g"))
        _ = consume lock
        #expect(try isFree())
    }
}
