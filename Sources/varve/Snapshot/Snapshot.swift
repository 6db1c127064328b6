import ArgumentParser

struct Snapshot: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take, list, search, compare, read back, verify, mark and forget snapshots.",
        discussion: """
            A snapshot is named by the start of its id, by `latest`, `latest~2` (two before it), or \
            by `@TIME`, the newest one at or before a time: @2026-11-21, @2026-11-21T10:02.
            """,
        subcommands: [
            Create.self, List.self, Show.self, Contents.self, Find.self, History.self, Diff.self,
            Restore.self, Dump.self, Verify.self, Tags.self, Pin.self, Unpin.self, Describe.self,
            Forget.self,
        ])
}
