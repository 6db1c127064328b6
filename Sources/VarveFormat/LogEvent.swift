/// What a record of the log says.
public enum LogEvent: Sendable, Equatable {
    case initialise(RepositoryParameters)
    case commit(Commit)
    case hold(Hold)
    case amend(Amendment)
    case forget([SnapshotID])
    case condemn(Condemnation)
    case revive([ObjectReference])
    case sweep([ObjectReference])
    case lost([LostCopy])
    case rotate(KeyringObjectID)
    case mend(Mend)
    case checkpoint(Checkpoint)

    /// Whether record `number` may say this: 0 initialises, and each 64th is a checkpoint.
    public func isAllowed(at number: UInt64) -> Bool {
        switch self {
        case .initialise: number == 0
        case .checkpoint: LogRecord.isCheckpoint(number)
        default: number > 0 && !LogRecord.isCheckpoint(number)
        }
    }

    /// The first byte of the record.
    var kind: UInt8 {
        switch self {
        case .initialise: 0
        case .commit: 1
        case .hold: 2
        case .amend: 3
        case .forget: 4
        case .condemn: 5
        case .revive: 6
        case .sweep: 7
        case .lost: 8
        case .rotate: 9
        case .mend: 10
        case .checkpoint: 11
        }
    }

    func encode(into writer: inout ByteWriter) {
        switch self {
        case .initialise(let parameters): parameters.encode(into: &writer)
        case .commit(let commit): commit.encode(into: &writer)
        case .hold(let hold): hold.encode(into: &writer)
        case .amend(let amendment): amendment.encode(into: &writer)
        case .forget(let snapshots): writer.write(ids: snapshots)
        case .condemn(let condemnation): condemnation.encode(into: &writer)
        case .revive(let objects), .sweep(let objects): writer.write(objects: objects)
        case .lost(let copies): writer.write(copies: copies)
        case .rotate(let keyring): writer.write(keyring)
        case .mend(let mend): mend.encode(into: &writer)
        case .checkpoint(let checkpoint): checkpoint.encode(into: &writer)
        }
    }

    init(kind: UInt8, _ reader: inout ByteReader) throws(FormatError) {
        switch kind {
        case 0: self = .initialise(try RepositoryParameters(&reader))
        case 1: self = .commit(try Commit(&reader))
        case 2: self = .hold(try Hold(&reader))
        case 3: self = .amend(try Amendment(&reader))
        case 4: self = .forget(try reader.ids())
        case 5: self = .condemn(try Condemnation(&reader))
        case 6: self = .revive(try reader.objects())
        case 7: self = .sweep(try reader.objects())
        case 8: self = .lost(try reader.copies())
        case 9: self = .rotate(try reader.identifier())
        case 10: self = .mend(try Mend(&reader))
        case 11: self = .checkpoint(try Checkpoint(&reader))
        default: throw .invalid("a log record is of an unknown kind")
        }
    }
}
