import ArgumentParser
import VarveMaintenance
import VarveRepository
import VarveSystem

struct Stats: VarveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how much is kept, how little it takes, and which step saves what.",
        usage: "varve stats [OPTIONS]",
        discussion: """
            Read from top to bottom: all files of all snapshots, what is left of them after \
            deduplication, and what similarity and compression make of that.

              varve stats
              varve stats --unique
              varve stats --json
            """)

    @Flag(help: "Show what each snapshot alone occupies, and what several share.")
    var unique = false

    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let repository = try RepositoryAccess(common.repository).open()
        guard !unique else {
            Interrupts.install()
            return try OccupancySummary(occupancy: repository.occupancy()).print(console)
        }
        let summary = StatsSummary(statistics: try repository.statistics())
        guard !console.isJSON else { return try console.emit(summary.json) }
        for line in summary.lines { try console.print(line) }
    }
}

/// The sizes of a repository and the factors between them.
struct StatsSummary {
    var statistics: RepositoryStatistics

    /// What everything would take without similarity: the chunks that are stored as differences
    /// are taken to compress as well as those that are stored whole.
    private var bytesWithoutSimilarity: Int {
        guard statistics.bytesFullStored > 0, statistics.bytesFull > 0 else {
            return statistics.bytesDeduplicated
        }
        let ratio = Double(statistics.bytesFullStored) / Double(statistics.bytesFull)
        return statistics.bytesFullStored + Int(Double(statistics.bytesSimilar) * ratio)
    }

    var lines: [String] {
        let stats = statistics
        var table = Table([
            ("", .left), ("bytes", .right), ("factor", .right), ("", .left),
        ])
        table.add([
            "files of all snapshots", Amounts.bytes(stats.bytesRaw), "",
            "\(Amounts.count(stats.snapshots, "snapshot")), \(Amounts.count(stats.files, "file"))",
        ])
        table.add([
            "after deduplication", Amounts.bytes(stats.bytesDeduplicated),
            factor(stats.bytesRaw, stats.bytesDeduplicated),
            Amounts.count(stats.chunks, "different chunk"),
        ])
        table.add([
            "after compression", Amounts.bytes(bytesWithoutSimilarity),
            factor(stats.bytesDeduplicated, bytesWithoutSimilarity), "if nothing were similar",
        ])
        table.add([
            "after similarity", Amounts.bytes(bytesFrames),
            factor(bytesWithoutSimilarity, bytesFrames), similar,
        ])
        table.add([
            "stored", Amounts.bytes(stats.bytesStored), factor(stats.bytesRaw, stats.bytesStored),
            "in \(Amounts.count(stats.packs, "pack")): "
                + "\(Amounts.bytes(stats.bytesData)) data, "
                + "\(Amounts.bytes(stats.bytesMetadata)) metadata",
        ])
        return table.lines
    }

    /// What all chunks take, without the tables of contents around them.
    private var bytesFrames: Int { statistics.bytesFullStored + statistics.bytesSimilarStored }

    private var similar: String {
        guard statistics.bytesSimilar > 0 else { return "nothing is similar yet" }
        return "\(Amounts.bytes(statistics.bytesSimilar)) resemble other chunks, and take "
            + Amounts.bytes(statistics.bytesSimilarStored)
    }

    private func factor(_ before: Int, _ after: Int) -> String {
        // What takes more than before saves nothing, and has no factor.
        after > 0 && before >= after ? "÷ " + Amounts.factor(before, after) : ""
    }

    private static func ratio(_ before: Int, _ after: Int) -> JSONValue {
        before > 0 && after > 0 ? .number(Double(before) / Double(after)) : .null
    }

    var json: JSONValue {
        let stats = statistics
        return [
            "message_type": "summary", "snapshots_count": .integer(stats.snapshots),
            "total_file_count": .integer(stats.files),
            "total_restore_size": .integer(stats.bytesRaw),
            "total_chunk_count": .integer(stats.chunks),
            "total_uncompressed_size": .integer(stats.bytesDeduplicated),
            "total_size": .integer(stats.bytesStored), "similar_size": .integer(stats.bytesSimilar),
            "similar_size_packed": .integer(stats.bytesSimilarStored),
            "full_size": .integer(stats.bytesFull),
            "full_size_packed": .integer(stats.bytesFullStored),
            "data_size_packed": .integer(stats.bytesData),
            "metadata_size_packed": .integer(stats.bytesMetadata),
            "packs_count": .integer(stats.packs), "segments_count": .integer(stats.segments),
            "deduplication_ratio": Self.ratio(stats.bytesRaw, stats.bytesDeduplicated),
            "compression_ratio": Self.ratio(stats.bytesDeduplicated, bytesWithoutSimilarity),
            "similarity_ratio": Self.ratio(bytesWithoutSimilarity, bytesFrames),
            "total_ratio": Self.ratio(stats.bytesRaw, stats.bytesStored),
        ]
    }
}
