import VarveFormat
import VarveRepository

extension RepositoryState.SnapshotEntry {
    /// The snapshot as a listing has it, with restic's names where the meaning is the same.
    var json: JSONValue {
        [
            "id": .text(id.hex), "short_id": .text(String(id.hex.prefix(8))),
            "time": .text(Timestamp.text(nanoseconds: summary.time)),
            "hostname": .text(summary.host), "username": .text(summary.user),
            "paths": .texts(summary.sources), "tags": .texts(summary.tags),
            "description": .text(summary.description), "incomplete": .flag(summary.isIncomplete),
            "pinned": .flag(isPinned), "damage": .text(damage),
            "grade": .text(proofGrade.level.rawValue),
            "grade_time": .optional(proofGrade.time.map { Timestamp.text(nanoseconds: $0) }),
            "summary": [
                "total_files_processed": .integer(summary.files),
                "total_dirs_processed": .integer(summary.directories),
                "total_bytes_processed": .integer(summary.bytes),
                "chunks_new": .integer(summary.chunksNew),
                "data_added": .integer(summary.bytesNew),
                "data_added_packed": .integer(summary.bytesStored),
                "errors": .integer(summary.errors),
                "total_duration": .seconds(nanoseconds: summary.durationNanoseconds),
            ],
        ]
    }
}
