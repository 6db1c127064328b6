import TestSupport
import Testing
import VarveMaintenance
import VarveSources
import VarveSystem

@testable import VarveArchive
@testable import VarveJobs

@Suite("Files of jobs")
struct JobFileTests {
    private func read(_ text: String) throws(JobFileError) -> JobFile {
        try JobFile(
            Array(text.utf8), at: "/srv/app/varve.yaml", called: "varve.yaml", home: "/root")
    }

    /// All that is wrong, as it is told.
    private func mistakes(_ text: String) -> [String] {
        do throws(JobFileError) {
            _ = try read(text)
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    @Test("the example of the document is read as it stands")
    func example() throws {
        let root = File.parent(of: File.parent(of: File.parent(of: #filePath)))
        let document = String(
            decoding: try File.contents(of: root + "/docs/JOBS.md", limit: 1 << 20), as: UTF8.self)
        let parts = document.split(separator: "```yaml\n", maxSplits: 1)
        let example = try #require(parts.last?.split(separator: "```").first)
        let file = try read(String(example))
        #expect(file.jobs.map(\.name) == ["app", "settings"])
        let job = try #require(file["app"])
        #expect(
            job.sources == [
                .path("/srv/app/uploads"), .path("/etc/app"), .word("env:DATABASE_URL"),
                .command(
                    CommandSource(
                        invocation: .words(["redis-cli", "--rdb", "-"]), name: "redis.rdb",
                        isGunzipped: false)),
            ])
        #expect(job.description == "the shop")
        #expect(job.tags == ["shop", "daily"] && job.jobTag == "job:app")
        #expect(job.excludes.bytesMax == 2 << 30)
        #expect(job.excludes.markers == [.cacheTag])
        #expect(job.excludes.names(Array("/srv/app/uploads/a.tmp".utf8)))
        #expect(!job.excludes.names(Array("/srv/app/uploads/keep.tmp".utf8)))
        #expect(
            job.secrets == [
                SecretFile(path: "/srv/app/.env", format: .env),
                SecretFile(path: "/etc/app/credentials.json", format: .json),
            ])
        let before = Hook(
            invocation: .words(["systemctl", "stop", "app-worker"]), timeoutSeconds: 3_600)
        #expect(job.hooks.before == [before])
        #expect(job.hooks.onFailure.map(\.timeoutSeconds) == [30])
        #expect(job.destinations == ["s3:https://s3.example.com/bucket/varve"])
        #expect(job.access.repository == "/mnt/backup/varve")
        #expect(job.access.keyFile == "/etc/varve/key")
        let rules: [RetentionRule] = [
            .newest(.daily, .limited(7)), .newest(.weekly, .limited(5)),
            .newest(.monthly, .limited(12)),
        ]
        #expect(job.retention?.policy.rules == rules)
        #expect(job.retention?.prunes == true)
        #expect(job.proof.interval == RetentionAge("7d").map { .age($0) })
        #expect(
            job.proof.questions.tables == ["public.users", "public.orders"].map { .init(name: $0) })
        #expect(job.proof.questions.assertions == [.init("SELECT count(*) > 0 FROM users")])
        let settings = try #require(file["settings"])
        #expect(settings.excludes.oneFileSystem)
        #expect(settings.retention?.policy.rules == [.last(.limited(3))])
        #expect(settings.access.keyFile == "/etc/varve/key")
    }

    @Test("a job's own key replaces that of the defaults, and nothing is merged")
    func defaults() throws {
        let file = try read(
            """
            defaults: {tags: [a, b], exclude: ['*.x'], key_file: k, host: no}
            jobs:
              one: {sources: /x, tags: c, passphrase_file: p}
              two: {sources: /x, passphrase_command: 'pass varve'}
              three: {sources: /x}
            """)
        let (one, two, three) = (file.jobs[0], file.jobs[1], file.jobs[2])
        #expect(one.tags == ["c"] && three.tags == ["a", "b"])
        #expect(one.access.keyFile == nil && one.access.passphraseFile == "/srv/app/p")
        #expect(two.access.keyFile == nil && two.access.passphraseCommand == "pass varve")
        #expect(three.access.keyFile == "/srv/app/k")
        #expect(one.host == "no")
        #expect(two.excludes.names(Array("/a.x".utf8)))
        #expect(two.runsPrograms && !one.runsPrograms)
    }

    @Test(
        "paths start at the file, or at home, and nothing else is expanded",
        arguments: [
            ("uploads", JobSource.path("/srv/app/uploads")),
            ("./uploads", .path("/srv/app/uploads")),
            (".", .path("/srv/app")), ("../x", .path("/srv/app/../x")), ("~", .path("/root")),
            ("~/mail", .path("/root/mail")), ("~other/x", .path("/srv/app/~other/x")),
            ("$HOME/x", .path("/srv/app/$HOME/x")), ("/a b/*", .path("/a b/*")),
            ("a:b", .path("/srv/app/a:b")), ("env:DB_URL", .word("env:DB_URL")),
            ("postgres://u@h/d?sslmode=require", .word("postgres://u@h/d?sslmode=require")),
        ])
    func paths(text: String, source: JobSource) throws {
        let file = try read("jobs: {a: {sources: ['\(text)']}}")
        #expect(file.jobs[0].sources == [source])
    }

    @Test(
        "each mistake has its sentence and its place",
        arguments: [
            ("{exlude: [a]}", "3:4: 'exlude' is no key of a job; did you mean exclude?"),
            ("{colour: red}", "3:4: 'colour' is no key of a job"),
            ("{host: }", "3:4: the key host has no value"),
            ("{host: [a]}", "3:10: host is a text that is not empty"),
            ("{exclude_caches: yes}", "3:20: 'yes' is not true or false"),
            ("{one_file_system: 'true'}", "3:21: 'true' is not true or false"),
            ("{exclude: [a, [b]]}", "3:17: an item of exclude is a text that is not empty"),
            ("{exclude: {a: b}}", "3:13: exclude is a list"),
            ("{exclude: '[a'}", "3:13: the pattern '[a'"),
            ("{exclude_if_present: a/b}", "3:24: 'a/b' is no name of a file, or NAME:HEADER"),
            ("{exclude_larger_than: big}", "3:25: 'big' is not a size like 100M"),
            ("{tags: ['a,b']}", "3:11: 'a,b' has a comma, which no tag has"),
            ("{databases: {jobs: 33}}", "3:22: '33' is no number from 1 to 32"),
            ("{databases: {jobs: 010}}", "3:22: '010' is no number from 1 to 32"),
            ("{databases: 3}", "3:15: databases is a mapping of keys to values"),
            ("{compression: 20}", "3:17: '20' is not a level from 1 to 19, auto or off"),
            ("{limit_upload: 0}", "3:18: '0' is no number from 1 to"),
            (
                "{key_file: a, passphrase_file: b}",
                "3:34: key_file and passphrase_file exclude each other"
            ),
            ("{passphrase: x}", "3:4: 'passphrase' is no key of a job"),
            (
                "{retention: {}}",
                "3:15: retention says nothing of what stays; add keep_daily: 7, say"
            ),
            ("{retention: {prune: true}}", "3:15: retention says nothing of what stays"),
            ("{retention: {keep_last: 0}}", "3:27: '0' is no number above 0, and not unlimited"),
            ("{retention: {keep_last: -1}}", "3:27: '-1' is no number above 0, and not unlimited"),
            ("{retention: {keep_last: ٣}}", "3:27: '٣' is no number above 0, and not unlimited"),
            ("{retention: {keep_within: 3w}}", "3:29: '3w' is not an age like 2y5m7d3h"),
            ("{hooks: {befor: [x]}}", "3:12: 'befor' is no key of hooks; did you mean before?"),
            ("{hooks: {before: [[]]}}", "3:21: a program is a list of words, or a text"),
            ("{hooks: {before: [['', a]]}}", "3:21: the name of the program is empty"),
            ("{hooks: {before: [{timeout: 1m}]}}", "3:21: a hook has a program in run"),
            ("{hooks: {before: [{run: x, timeout: 25h}]}}", "3:39: '25h' is not a time like 30s"),
            ("{hooks: {timeout: 0s}}", "3:21: '0s' is not a time like 30s"),
            ("{secrets: [{keep: names-only}]}", "3:14: an item of secrets has a file"),
            ("{secrets: [{file: a, keep: values}]}", "3:30: 'values' is not names-only"),
            (
                "{secrets: [{file: a, format: xml}]}",
                "3:32: 'xml' is not one of env, json, yaml, ini, file"
            ),
            ("{verify: {assertions: [{name: a}]}}", "3:26: an assertion has sql"),
        ])
    func mistake(job: String, told: String) {
        let found = mistakes("jobs:\n a:\n  \(job)\n b: {sources: /x}\n")
            .filter { !$0.hasSuffix("the job a has no sources") }
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("varve.yaml:\(told)") == true, "\(found)")
    }

    @Test(
        "so has each of the sources",
        arguments: [
            ("[]", "2:3: the job a has no sources"),
            ("", "2:16: the key sources has no value"),
            ("[foo://x]", "2:26: 'foo://...' is no path, and no kind of source that Varve knows"),
            ("['env:A-B']", "2:26: 'env:A-B' names no variable"),
            ("['postgres://u:p@h/d']", "2:26: a password stands in this postgres URL"),
            ("['postgres://h/d?password=p']", "2:26: a password stands in this postgres URL"),
            ("[{command: x}]", "2:26: a source that is a mapping has command and name"),
            ("[{command: x, name: a/b}]", "2:45: 'a/b' is no file name without slashes"),
            ("[{command: x, name: ..}]", "2:45: '..' is no file name without slashes"),
            (
                "[{comand: x, name: a}]",
                "2:27: 'comand' is no key of a source; did you mean command?"
            ),
            ("[[a]]", "2:26: a source is a text that is not empty"),
        ])
    func sourceMistake(sources: String, told: String) {
        let found = mistakes("jobs:\n  a: {tags: x, sources: \(sources)}\n")
        #expect(found.contains { $0.hasPrefix("varve.yaml:\(told)") }, "\(found)")
    }

    @Test("no sentence repeats a password")
    func passwords() {
        let found = mistakes(
            "jobs: {a: {sources: ['postgres://u:hunter2@h/d', 'postgres://h/d?password=hunter2']}}")
        #expect(found.count == 2 && !found.joined().contains("hunter2"))
    }

    @Test(
        "and what is wrong with the whole",
        arguments: [
            ("", "1:1: the file is empty"), ("- a", "1:1: the file is a mapping of keys to values"),
            ("defaults: {host: a}", "1:1: there is no key jobs with jobs in it"),
            ("jobs: [a]", "1:7: jobs is a mapping from names to jobs"),
            ("job: {}\njobs: {}", "1:1: 'job' is no key of the file; did you mean jobs?"),
            ("jobs: {a: x}", "1:8: the job a is a mapping with sources in it"),
            ("jobs: {a b: {sources: x}}", "1:8: 'a b' is no name of a job"),
            ("jobs: {-a: {sources: x}}", "1:8: '-a' is no name of a job"),
            ("defaults: {sources: [a]}\njobs: {}", "1:12: 'sources' is no key of defaults"),
        ])
    func whole(text: String, told: String) {
        let found = mistakes(text)
        #expect(found.first?.hasPrefix("varve.yaml:\(told)") == true, "\(found)")
    }

    @Test("all mistakes are told at once, in their order, those of defaults once")
    func several() {
        let found = mistakes(
            """
            defaults: {exclude_caches: maybe}
            jobs:
              a: {sources: x, compression: 99}
              b: {source: x}
              c: {sources: x, host: {}}
            """)
        let places = found.map { $0.split(separator: ":").prefix(3).joined(separator: ":") }
        #expect(
            places == [
                "varve.yaml:1:28", "varve.yaml:3:32", "varve.yaml:4:3", "varve.yaml:4:7",
                "varve.yaml:5:25",
            ], "\(found)")
    }

    @Test("a file with programs must be nobody else's")
    func danger() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.path + "/varve.yaml"
        func write(_ text: String, _ mode: UInt32) throws {
            try File.createOrTruncate(path).write(Array(text.utf8))
            try File.openDirectory(scratch.path).setMode(Array("varve.yaml".utf8), mode)
        }
        let programs = [
            "hooks: {after: x}", "passphrase_command: x", "sources: [{command: x, name: y}]",
        ]
        for program in programs {
            let rest = program.hasPrefix("sources") ? "" : ", sources: /x"
            try write("jobs: {a: {\(program)\(rest)}}", 0o666)
            #expect(throws: JobFileError.unsafe(path: path, reason: "everybody may write to it")) {
                try JobFile(readingFrom: path)
            }
            try write("jobs: {a: {\(program)\(rest)}}", 0o664)
            #expect(try JobFile(readingFrom: path).jobs.count == 1)
        }
        try write("jobs: {a: {sources: /x}}", 0o666)
        let file = try JobFile(readingFrom: path)
        #expect(file.directory == (try File.realPath(scratch.path)))
        var status = try File.status(of: path)
        status.mode = 0o600
        status.uid = 4_321
        #expect(JobFile.danger(of: status)?.contains("another user") == true)
        status.uid = 0
        #expect(JobFile.danger(of: status) == nil)
    }
}
