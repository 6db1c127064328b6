import VarveCodec
import VarveFormat

extension Repository {
    private var records: RecordReader {
        RecordReader(storage: storage, repository: id, keys: openKeys)
    }

    func record(_ number: UInt64) throws -> JSONValue {
        guard number < state.number else {
            throw RepositoryError.notFound(
                "there is no record \(number); the last one is \(state.number - 1)")
        }
        let stored = try records.record(number)
        var fields: [JSONValue.Field] = [
            .init("object", .text(ObjectName.record(number))),
            .init("hash", .text(stored.hash.hex)),
            .init("previous", .text(stored.record.previous.hex)),
            .init("nonce", .text(Hex.encode(stored.record.nonce))),
            .init("clock", .text(Timestamp.text(nanoseconds: stored.record.clock))),
        ]
        fields.append(stored.record.event.json)
        return .object(fields)
    }

    /// A stored state opens only as that of the record which names it, so that is looked for.
    func storedState(_ start: String, _ details: Bool) throws -> JSONValue {
        let name = try onlyName(below: ObjectName.states, startingWith: start)
        let id: StateID = try identifier(in: name)
        for number in stride(from: state.number, through: 1, by: -1) {
            guard let stored = try? records.record(number) else { continue }
            switch stored.record.event {
            case .checkpoint(let checkpoint) where checkpoint.state == id:
                return try state(id, number, checkpoint.stateHash, details)
            case .mend(let mend) where mend.state == id:
                return try state(id, number, mend.stateHash, details)
            default: continue
            }
        }
        throw RepositoryError.notFound("no record names \(name)")
    }

    private func state(
        _ id: StateID, _ number: UInt64, _ hash: StateBodyHash, _ details: Bool
    ) throws -> JSONValue {
        let state = try records.state(id, number: number, hash: hash)
        return ["object": .text(ObjectName.state(id)), "state": state.json(details)]
    }
}

extension JSONValue {
    static func ids<Kind>(_ ids: [Identifier<Kind>]) -> JSONValue { .texts(ids.map(\.hex)) }

    static func number(_ number: UInt64) -> JSONValue { .integer(Int(clamping: number)) }
}

extension LogEvent {
    /// The name of what happened, and what it says.
    var json: JSONValue.Field {
        switch self {
        case .initialise(let parameters): .init("init", parameters.json)
        case .commit(let commit): .init("commit", commit.json)
        case .hold(let hold):
            .init("hold", ["session": .text(hold.session.hex), "segments": .ids(hold.segments)])
        case .amend(let amendment): .init("amend", amendment.json)
        case .forget(let snapshots): .init("forget", .ids(snapshots))
        case .condemn(let condemnation):
            .init(
                "condemn",
                [
                    "objects": .texts(condemnation.objects.map(\.name)),
                    "replacements": .ids(condemnation.replacements),
                ])
        case .revive(let objects): .init("revive", .texts(objects.map(\.name)))
        case .sweep(let objects): .init("sweep", .texts(objects.map(\.name)))
        case .lost(let copies): .init("lost", .list(copies.map(\.json)))
        case .rotate(let keyring): .init("rotate", .text(ObjectName.keyring(keyring)))
        case .mend(let mend):
            .init(
                "mend",
                [
                    "state": .text(mend.state.hex), "state_hash": .text(mend.stateHash.hex),
                    "numbers": .list(mend.numbers.map(JSONValue.number)),
                ])
        case .checkpoint(let checkpoint):
            .init(
                "checkpoint",
                [
                    "previous": .text(checkpoint.previous.hex),
                    "state_hash": .text(checkpoint.stateHash.hex),
                    "state": .optional(checkpoint.state?.hex),
                ])
        }
    }
}

extension LostCopy {
    var json: JSONValue { ["chunk": .text(chunk.hex), "pack": .text(pack.hex)] }
}

extension Commit {
    var json: JSONValue {
        [
            "snapshot": .text(snapshot.hex), "manifest": .text(manifest.hex),
            "segments": .ids(segments), "summary": summary.json,
            "first_hold": .number(firstHold),
        ]
    }
}

extension Amendment {
    var json: JSONValue {
        let change: JSONValue.Field =
            switch change {
            case .tags(let tags): .init("tags", .texts(tags))
            case .pin(let isPinned): .init("pin", .flag(isPinned))
            case .description(let text): .init("description", .text(text))
            case .grade(let text): .init("grade", .text(text))
            case .damage(let text): .init("damage", .text(text))
            case .manifest(let id): .init("manifest", .text(id.hex))
            }
        return .object([.init("snapshot", .text(snapshot.hex)), change])
    }
}
