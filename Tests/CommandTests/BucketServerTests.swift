import Glibc
import TestSupport
import Testing
import VarveStorage
import VarveSystem

@Suite("Servers that are not as they should be")
struct BucketServerTests {
    // Without tools/test nobody has brought rclone here.
    @Test(
        "one that ignores conditions is refused, and nothing is left on it",
        .enabled(if: Testbed.isInstalled("rclone")))
    func careless() throws {
        let testbed = try Testbed("rclone")
        let varve = try ProgramWithBucket(isEmpty: true, on: testbed.server)
        let run = try varve.run("init")
        #expect(run.status == 11, "\(run.errors)\(run.output)")
        #expect(run.errors.contains("it cannot create a name only once"))
        #expect(throws: SystemError.self) { try File.status(of: varve.program.path("key")) }
        let list = try varve.run("snapshots")
        #expect(list.status == 10, "\(list.errors)")
    }

    // Without tools/test nobody has brought SeaweedFS here.
    @Test(
        "a snapshot is completed while one of three volume servers is killed",
        .enabled(if: Testbed.isInstalled("seaweedfs")))
    func killedVolume() throws {
        let testbed = try Testbed("seaweedfs", ["--volumes", "3"])
        #expect(testbed.processes.count == 4)
        let varve = try ProgramWithBucket(on: testbed.server)
        let small = try varve.makeSource("small", files: 3, bytes: 50_000)
        try #require(try varve.run("backup", small).status == 0)

        let source = try varve.makeSource("source", files: 100, bytes: 1_000_000)
        let proxy = try FaultProxy(to: testbed.server.port) {
            $0.method == "PUT" ? .throttle(bytesPerSecond: 40 << 20) : .none
        }
        let process = try varve.start("backup", source, through: proxy.port)
        try wait(for: "the second pack") { proxy.counts["PUT"] ?? 0 >= 2 }
        kill(testbed.processes[0], SIGKILL)
        let run = try Program.finish(process)
        #expect(run.status == 0, "\(run.errors)")
        try varve.expectWhole(source)
        try varve.expectWhole(small)
    }

    // Without tools/test nobody has brought SeaweedFS here; a repository is made in a bucket.
    @Test(
        "two machines that write into one bucket at once are both done, and nothing is damaged",
        .enabled(if: TestRun.isLong && Testbed.isInstalled("seaweedfs")))
    func twoMachines() throws {
        let varve = try Program()
        let run = try Program.finish(
            ChildProcess(
                Testbed.script("two-machines"), [varve.program, varve.scratch.path],
                errorOutput: .tail(bytes: 64 << 10)))
        if run.status == 77 { return print(run.errors) }
        #expect(run.status == 0, "\(run.errors)\(run.output)")
        #expect(run.output.contains("both succeeded, and nothing is damaged"))
    }
}
