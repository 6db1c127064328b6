import TestSupport
import Testing
import VarveStorage
import VarveSystem

// Without VARVE_TEST_S3 there is no server: tools/test starts one.
@Suite("The program with a repository in a bucket", .enabled(if: S3Server.isThere))
struct BucketTests {
    @Test("makes one, with its bucket, and works in it as in a directory")
    func wholeLife() throws {
        let varve = try ProgramWithBucket(isEmpty: true)
        let bucket = "varve-" + randomName().prefix(20)
        let made = try varve.run("init", bucket: bucket)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.output.contains("/\(bucket)/\(varve.prefix)\n"))
        let again = try varve.run("init", bucket: bucket)
        #expect(again.status == 1 && again.errors.contains("nothing was changed"))

        let source = try varve.makeSource("source", files: 3, bytes: 100_000)
        let first = try varve.run("backup", source, bucket: bucket)
        #expect(first.status == 0, "\(first.errors)")
        let check = try varve.run("check", "--read-data", bucket: bucket)
        #expect(check.status == 0, "\(check.errors)")
        let restore = try varve.run(
            "restore", "latest:" + source, "-t", varve.program.path("target"), bucket: bucket)
        #expect(restore.status == 0, "\(restore.errors)")
        #expect(try listing(varve.program.path("target")) == listing(source))
    }

    @Test("two that write at once are both done, and nothing is damaged")
    func writersAtOnce() throws {
        let varve = try ProgramWithBucket()
        let sources = try ["a", "b"].map { try varve.makeSource($0, files: 40, bytes: 500_000) }
        let both = try sources.map { try varve.start("backup", $0) }
        for process in both {
            let run = try Program.finish(process)
            #expect(run.status == 0, "\(run.errors)")
        }
        for source in sources { try varve.expectWhole(source) }
        #expect(try varve.run("snapshots").output.contains("2 snapshots"))
    }

    @Test("one that is asked to end gives up what it uploads")
    func interrupted() throws {
        let varve = try ProgramWithBucket()
        let large = try varve.makeSource("large", files: 10, bytes: 1_000_000)
        let proxy = try FaultProxy(to: varve.server.port)
        // So slow that the pack would take a minute.
        let process = try varve.start(
            "backup", large, "--limit-upload", "200", through: proxy.port)
        try wait(for: "an upload") { proxy.counts["PUT"] ?? 0 >= 1 }
        process.terminate()
        let run = try Program.finish(process)
        #expect(run.status == 130, "\(run.errors)")
        #expect(run.errors.contains("interrupted: no snapshot was taken"))
        #expect(proxy.traffic.requestBytes < 5_000_000)
        let again = try varve.run("backup", large)
        #expect(again.status == 0, "\(again.errors)")
        try varve.expectWhole(large)
    }

    @Test("a cache directory in which nothing can be made keeps nobody from a backup")
    func unusableCache() throws {
        let varve = try ProgramWithBucket()
        let source = try varve.makeSource("source", files: 3, bytes: 100_000)
        let run = try varve.run("backup", source, with: ["VARVE_CACHE_DIR": "/dev/null/cache"])
        #expect(run.status == 0, "\(run.errors)")
        try varve.expectWhole(source)
    }

    @Test(
        "what may not be read is not taken for damaged, by no command",
        arguments: ["ExpiredToken", "AccessDenied", "InvalidObjectState"])
    func denied(code: String) throws {
        let varve = try ProgramWithBucket()
        let source = try varve.makeSource("source", files: 3, bytes: 100_000)
        try #require(try varve.run("backup", source).status == 0)
        let before = try varve.storage.list("")
        let proxy = try FaultProxy(to: varve.server.port)
        for place in ["/packs/", "/snapshots/", "/index/", "/log/"] {
            proxy.follow { request in
                request.method == "GET" && request.target.contains(place)
                    ? .refusal(403, code) : .none
            }
            for words in [
                ["check", "--read-data"], ["repair", "packs"], ["repair", "snapshots"],
                ["repair", "index"], ["repair", "log"], ["prune"],
            ] {
                let run = try varve.program.runAlone(words, varve.variables(through: proxy.port))
                let said = run.output + run.errors
                #expect(
                    [0, 1].contains(run.status) && !said.contains("damaged:"), "\(words): \(said)")
            }
            #expect(proxy.troubles > 0)
        }
        #expect(try varve.storage.list("") == before)
        try varve.expectWhole(source)
    }

    @Test("one that is killed while it uploads harms nothing, and the next one is whole")
    func killed() throws {
        let varve = try ProgramWithBucket()
        let small = try varve.makeSource("small", files: 3, bytes: 50_000)
        try #require(try varve.run("backup", small).status == 0)
        let large = try varve.makeSource("large", files: 50, bytes: 1_000_000)
        let proxy = try FaultProxy(to: varve.server.port)
        // At once, in the midst of its first pack, and when one is there.
        for puts in 1...3 {
            proxy.follow { request in
                request.method == "PUT" ? .throttle(bytesPerSecond: 40 << 20) : .none
            }
            var process: ChildProcess? = try varve.start("backup", large, through: proxy.port)
            try wait(for: "uploads") { proxy.counts["PUT"] ?? 0 >= puts }
            #expect(process != nil)
            // Killed with its last reference.
            process = nil
        }
        #expect(try varve.run("snapshots").output.contains("1 snapshot\n"))
        try varve.expectWhole(small)
        let last = try varve.run("backup", large)
        #expect(last.status == 0, "\(last.errors)")
        try varve.expectWhole(large)
    }
}
