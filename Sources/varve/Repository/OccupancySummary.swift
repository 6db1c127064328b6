import VarveFormat
import VarveMaintenance
import VarveRepository

/// What `stats --unique` says.
struct OccupancySummary {
    let occupancy: RepositoryOccupancy

    func print(_ console: Console) throws {
        guard !console.isJSON else { return try console.emit(json) }
        guard !occupancy.parts.isEmpty else {
            return try console.say("no snapshots yet; take one with `varve snapshot create`")
        }
        for line in table.lines { try console.print(line) }
        try console.say(
            "shared    \(Amounts.bytes(occupancy.bytesShared)) that several snapshots need")
        try console.say(
            "unused    \(Amounts.bytes(occupancy.bytesUnused)) that none needs; `varve prune` looks "
                + "after it")
    }

    private var table: Table {
        var table = Table([
            ("ID", .left), ("Time", .left), ("Host", .left), ("Size", .right),
            ("Unique", .right), ("Chunks", .right), ("Sources", .left),
        ])
        for part in occupancy.parts {
            let summary = part.snapshot.summary
            table.add([
                String(part.snapshot.id.hex.prefix(8)), TimeText.local(summary.time),
                Shown.text(summary.host), Amounts.bytes(summary.bytes),
                Amounts.bytes(part.bytesUnique), Amounts.count(part.chunksUnique),
                Shown.text(summary.sources.joined(separator: ", ")),
            ])
        }
        return table
    }

    private var json: JSONValue {
        [
            "message_type": "summary",
            "snapshots": .list(
                occupancy.parts.map { part in
                    [
                        "snapshot_id": .text(part.snapshot.id.hex),
                        "time": .text(Timestamp.text(nanoseconds: part.snapshot.summary.time)),
                        "hostname": .text(part.snapshot.summary.host),
                        "paths": .texts(part.snapshot.summary.sources),
                        "total_bytes_processed": .integer(part.snapshot.summary.bytes),
                        "unique_size_packed": .integer(part.bytesUnique),
                        "unique_chunk_count": .integer(part.chunksUnique),
                    ]
                }),
            "shared_size_packed": .integer(occupancy.bytesShared),
            "unused_size_packed": .integer(occupancy.bytesUnused),
        ]
    }
}
