import VarveFormat

@testable import VarveMaintenance

/// Snapshots whose times, tags and all else follow from a formula.
enum SampleSnapshots {
    static let calendar = RetentionCalendar { _ in 0 }

    /// 29 March 2026, 12:34:56 UTC.
    static let end = 1_774_787_696 * second
    static let second = 1_000_000_000
    static let hour = 3600 * second
    static let day = 24 * hour

    /// One snapshot of web1, `record` being the number of its commit.
    static func entry(
        _ record: Int, at nanoseconds: Int, host: String = "web1", tags: [String] = [],
        isPinned: Bool = false
    ) -> RepositoryState.SnapshotEntry {
        var bytes = [UInt8](repeating: 0, count: SnapshotID.byteCount)
        for place in 0..<8 { bytes[place] = UInt8(truncatingIfNeeded: record >> (8 * place)) }
        return RepositoryState.SnapshotEntry(
            id: SnapshotID(bytes) ?? .zero, manifest: .zero, recordNumber: UInt64(record),
            summary: SnapshotSummary(
                time: Int64(nanoseconds), host: host, user: "root", sources: ["/srv"], tags: tags),
            isPinned: isPinned)
    }

    /// Some hundred snapshots from five years, ever fewer the older they are, with a gap of months in
    /// between. Every tenth is tagged, and the storage vouches for all.
    static let plain: [JudgedSnapshot] = ages.enumerated().map { place, age in
        JudgedSnapshot(
            entry(ages.count - place, at: end - age * second, tags: tags(place)), .storage)
    }

    /// The same times; some are dated by hand or copied, some are pinned, and they were committed in
    /// another order than their times say.
    static let mixed: [JudgedSnapshot] = ages.enumerated().map { place, age in
        let dating: JudgedSnapshot.Dating =
            switch place % 17 {
            case 5, 11: .hand
            case 8: .origin
            default: .storage
            }
        let entry = entry(
            1 + place * 7 % ages.count, at: end - age * second, tags: tags(place),
            isPinned: place % 61 == 44)
        return JudgedSnapshot(entry, dating)
    }

    /// Seconds before the end, growing with the square.
    private static let ages: [Int] = (0..<331).map { 1_300 * $0 * $0 + 611 * ($0 % 7) }
        .filter { !(36_000_000..<48_000_000).contains($0) }

    private static func tags(_ place: Int) -> [String] {
        (place % 10 == 3 ? ["release"] : []) + (place % 15 == 13 ? ["audit"] : [])
    }
}
