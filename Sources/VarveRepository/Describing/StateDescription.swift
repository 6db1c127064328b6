import VarveFormat

extension RepositoryParameters {
    var json: JSONValue {
        [
            "keyring_object": .text(keyringObject.hex), "keyring": .text(keyring.hex),
            "chunk_bytes_average": .integer(chunkBytesAverage),
            "frame_bytes": .integer(frameBytes), "pack_bytes": .integer(packBytes),
            "grace_period_seconds": .integer(gracePeriodSeconds),
        ]
    }
}

extension SnapshotSummary {
    var json: JSONValue {
        [
            "time": .text(Timestamp.text(nanoseconds: time)), "host": .text(host),
            "user": .text(user), "sources": .texts(sources), "tags": .texts(tags),
            "description": .text(description), "incomplete": .flag(isIncomplete),
            "files": .integer(files), "directories": .integer(directories),
            "bytes": .integer(bytes), "chunks_new": .integer(chunksNew),
            "bytes_new": .integer(bytesNew), "bytes_stored": .integer(bytesStored),
            "errors": .integer(errors), "duration_nanoseconds": .integer(Int(durationNanoseconds)),
        ]
    }
}

extension RepositoryState {
    /// With `details`, the summaries of all snapshots and the names of all objects.
    func json(_ details: Bool) -> JSONValue {
        [
            "number": .number(number), "parameters": parameters.json,
            "keyring_object": .text(keyringObject.hex),
            "last_checkpoint": .text(lastCheckpoint.hex),
            "snapshots": .list(snapshots.map { $0.json(details) }),
            "segments": .ids(segments), "condemned": .list(condemned.map(\.json)),
            "swept": details
                ? .list(swept.map(\.json)) : .integer(swept.count),
            "holds": .list(holds.map(\.json)), "lost": .list(lost.map(\.json)),
        ]
    }
}

extension RepositoryState.SnapshotEntry {
    fileprivate func json(_ details: Bool) -> JSONValue {
        var value: JSONValue = [
            "id": .text(id.hex), "manifest": .text(manifest.hex), "record": .number(recordNumber),
            "time": .text(Timestamp.text(nanoseconds: summary.time)), "pinned": .flag(isPinned),
        ]
        if firstHold > 0 { value = value.adding("first_hold", .number(firstHold)) }
        if !grade.isEmpty { value = value.adding("grade", .text(grade)) }
        if !damage.isEmpty { value = value.adding("damage", .text(damage)) }
        return details ? value.adding("summary", summary.json) : value
    }
}

extension RepositoryState.MarkedObject {
    fileprivate var json: JSONValue {
        ["object": .text(object.name), "record": .number(recordNumber)]
    }
}

extension RepositoryState.HoldEntry {
    fileprivate var json: JSONValue {
        [
            "session": .text(session.hex), "record": .number(recordNumber),
            "segments": .ids(segments),
        ]
    }
}
