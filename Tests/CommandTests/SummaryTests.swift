import Testing
import VarveArchive
import VarveFormat
import VarveRepository

@testable import varve

@Suite("What is said when a snapshot was taken")
struct SummaryTests {
    private func summary(stream: String? = nil) throws -> CreateSummary {
        var report = SnapshotReport()
        report.snapshot = SnapshotID(Array(repeating: 0x5c, count: 32))
        report.parent = SnapshotID(Array(repeating: 0x77, count: 32))
        report.sources = ["/srv/app", "/etc"]
        report.durationNanoseconds = 2_900_000_000
        (report.counts.filesNew, report.counts.filesChanged) = (12, 3)
        report.counts.filesUnmodified = 78_541
        report.counts.bytes = 1_395_864_371
        (report.written.bytesNew, report.written.bytesStored) = (14_889_779, 3_250_585)
        return CreateSummary(
            report: report,
            options: SnapshotOptions(time: 0, host: "a", user: "b", program: "varve"),
            streamName: stream, bytesRead: 1_395_864_371)
    }

    @Test("the summary tells what each step saved")
    func lines() throws {
        let lines = try summary().lines
        #expect(lines[0].hasPrefix("snapshot 5c5c5c5c of /srv/app, /etc, "))
        #expect(lines[0].hasSuffix(" (parent 77777777)"))
        #expect(
            lines.dropFirst() == [
                "  files    12 new, 3 changed, 78 541 unmodified; 1.3 GiB in all",
                "  read     1.3 GiB in 2.9 s (459 MiB/s)",
                "  new      14.2 MiB after deduplication  (1.1 %)",
                "  stored   3.1 MiB after similarity and compression  (4.6 times smaller)",
            ])
    }

    @Test("nothing new is said as such")
    func nothingNew() throws {
        var summary = try summary(stream: "app.sql")
        summary.report.written = WriteReport()
        #expect(summary.lines.last == "  new      nothing: every byte was stored before")
        summary.report.snapshot = nil
        #expect(summary.lines.first?.hasPrefix("nothing has changed") == true)
    }

    @Test("what is only tried is said as such, and its stored bytes are not exact")
    func dryRun() throws {
        var summary = try summary()
        summary.report.snapshot = nil
        summary.options.isDryRun = true
        let lines = summary.lines
        #expect(
            lines.first
                == "dry run, nothing is stored: a snapshot of /srv/app, /etc (parent 77777777)")
        #expect(lines.last?.hasPrefix("  stored   about 3.1 MiB after ") == true)
        #expect(summary.json.line.contains(#""snapshot_id":null,"#))
        #expect(summary.json.line.contains(#""dry_run":true"#))
    }

    @Test("what was left out is counted, by what")
    func leftOut() throws {
        var summary = try summary()
        summary.excluded = [.size: 1, .pattern: 1_204, .cache: 2, .own: 1]
        #expect(
            summary.lines.contains("  left out 1 204 by patterns, 2 as caches, 1 for their size"))
        #expect(
            summary.json.line.contains(
                #""excluded":{"pattern":1204,"marker":0,"cache":2,"size":1,"own":1,"file_system":0,"database":0}"#
            ))
    }

    @Test("a source that arrives compressed is named, with the cure")
    func advice() throws {
        var summary = try summary(stream: "app.sql.gz")
        #expect(summary.advice == nil)
        summary.report.written.bytesIncompressible = summary.report.written.bytesNew
        #expect(summary.advice?.contains("app.sql.gz arrives compressed") == true)
        #expect(summary.advice?.contains("--gunzip") == true)
        summary.streamName = nil
        #expect(summary.advice == nil)
        summary.compressedFile = "/srv/dump.zst"
        #expect(summary.advice?.hasPrefix("/srv/dump.zst is compressed") == true)
        summary.report.written.bytesNew = 1000
        #expect(summary.advice == nil)
    }

    @Test("programs get restic's names")
    func json() throws {
        let line = try summary().json.line
        #expect(line.hasPrefix(#"{"message_type":"summary","snapshot_id":"5c5c"#))
        for name in [
            "files_new", "files_changed", "data_added", "data_added_packed",
            "total_bytes_processed", "total_duration",
        ] {
            #expect(line.contains("\"\(name)\":"))
        }
    }
}
