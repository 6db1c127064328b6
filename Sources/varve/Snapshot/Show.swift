import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository

extension Snapshot {
    struct Show: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one snapshot with all its facts.",
            usage: "varve snapshot show REF [OPTIONS]",
            discussion: """
                  varve snapshot show latest
                  varve snapshot show 5c1f03a9 --json
                """)

        @Argument(help: ArgumentHelp("The snapshot.", valueName: "ref"))
        var reference: String

        @OptionGroup var filters: FilterOptions
        @OptionGroup var common: GlobalOptions

        func run(_ console: Console) throws {
            let (repository, target) = try ReferenceWords(reference).open(common, filters)
            let entry = target.entry
            let manifest = try repository.manifest(entry)
            guard !console.isJSON else { return try console.emit(Self.json(entry, manifest)) }
            for (name, value) in Self.facts(entry, manifest) where !value.isEmpty {
                try console.print(name.padded(to: Self.nameWidth) + value)
            }
        }

        private static let nameWidth = 13

        private static func json(
            _ entry: RepositoryState.SnapshotEntry, _ manifest: SnapshotManifest
        ) -> JSONValue {
            entry.json.adding("message_type", "snapshot")
                .adding("parent", .optional(manifest.parent?.hex))
                .adding("program_version", .text(manifest.program))
                .adding("files_new", .integer(manifest.counts.filesNew))
                .adding("files_changed", .integer(manifest.counts.filesChanged))
                .adding("files_unmodified", .integer(manifest.counts.filesUnmodified))
                .adding("entries", .integer(manifest.root.entries))
                .adding("manifest", .text(entry.manifest.hex))
                .adding("record", .integer(Int(clamping: entry.recordNumber)))
                .adding("sources", .list(manifest.sources.map(json)))
        }

        private static func json(_ source: SnapshotManifest.Source) -> JSONValue {
            let anchors = sortedAnchors(source).map { JSONValue.Field($0.key, .text($0.value)) }
            return [
                "kind": .text(source.kind.rawValue), "name": .text(source.displayName),
                "anchors": .object(anchors),
            ]
        }

        private static func sortedAnchors(
            _ source: SnapshotManifest.Source
        ) -> [(key: String, value: String)] {
            source.anchors.sorted { $0.key < $1.key }
        }

        /// What each source said of itself, a line each.
        private static func anchors(_ manifest: SnapshotManifest) -> [String] {
            manifest.sources.flatMap { source in
                sortedAnchors(source).map {
                    "\(Shown.path(source.name)): \(Shown.text($0.key)) \(Shown.text($0.value))"
                }
            }
        }

        private static func grade(_ grade: ProofGrade) -> String {
            grade.time.map { "\(grade.level.rawValue), \(TimeText.local($0))" } ?? ""
        }

        private static func facts(
            _ entry: RepositoryState.SnapshotEntry, _ manifest: SnapshotManifest
        ) -> [(String, String)] {
            let (summary, counts) = (entry.summary, manifest.counts)
            let sources = manifest.sources.map { "\(Shown.path($0.name)) (\($0.kind.rawValue))" }
            return [
                ("id", entry.id.hex), ("time", TimeText.local(summary.time)),
                ("host", Shown.text(summary.host)), ("user", Shown.text(summary.user)),
                ("sources", sources.joined(separator: ", ")),
                (
                    "anchors",
                    anchors(manifest).joined(separator: "\n".padded(to: nameWidth + 1))
                ),
                ("tags", Shown.text(summary.tags.joined(separator: ", "))),
                ("description", Shown.text(summary.description)),
                ("parent", manifest.parent?.hex ?? "none"),
                (
                    "files",
                    "\(Amounts.count(counts.files)), of them \(Amounts.count(counts.filesNew)) new, "
                        + "\(Amounts.count(counts.filesChanged)) changed"
                ),
                ("directories", Amounts.count(counts.directories)),
                ("others", counts.others > 0 ? Amounts.count(counts.others) : ""),
                ("size", Amounts.bytes(counts.bytes)),
                (
                    "added",
                    "\(Amounts.bytes(counts.bytesNew)) in "
                        + "\(Amounts.count(counts.chunksNew, "chunk")), stored in "
                        + Amounts.bytes(counts.bytesStored)
                ),
                ("took", Amounts.duration(nanoseconds: summary.durationNanoseconds)),
                ("errors", counts.errors > 0 ? Amounts.count(counts.errors) : ""),
                ("incomplete", manifest.isIncomplete ? "something could not be read" : ""),
                ("grade", grade(entry.proofGrade)),
                ("pinned", entry.isPinned ? "yes" : ""), ("damage", Shown.text(entry.damage)),
                ("program", Shown.text(manifest.program)),
                ("manifest", ObjectName.manifest(entry.manifest)),
                ("record", "\(entry.recordNumber)"),
            ]
        }
    }
}
