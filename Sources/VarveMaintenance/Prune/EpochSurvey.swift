import VarveCatalog
import VarveFormat
public import VarveRepository
import VarveStorage

/// What is still sealed under older epochs, in stored bytes.
public struct OldEpochs: Sendable, Equatable {
    /// Packs that stay as they are, and those that are condemned: a later prune removes these.
    public var packs = 0
    public var bytes = 0
    public var packsCondemned = 0
    public var bytesCondemned = 0
    public var segments = 0
    public var manifests = 0

    /// Whether nothing is left to be sealed anew.
    public var isEmpty: Bool { packs == 0 && segments == 0 && manifests == 0 }
}

extension Repository {
    /// What is still sealed under older epochs, but for the log, states and keyrings, which stay as
    /// they are.
    public func oldEpochs() throws -> OldEpochs {
        try refresh()
        let state = state
        let survey = try StorageSurvey(storage, state)
        var epochs = EpochSurvey()
        let condemned = Set(state.condemned.map(\.object))
        let named = try catalog(following: state).packsOfSegments.values.joined()
        let swept = state.sweptPacks
        var old = OldEpochs()
        for id in Set(named).subtracting(swept) {
            guard let object = survey.packs[id], try epochs.isOld(object.name, self) else {
                continue
            }
            let isCondemned = PackContents.allCases.contains {
                condemned.contains(ObjectReference(id, $0))
            }
            if isCondemned {
                old.packsCondemned += 1
                old.bytesCondemned += object.bytes
            } else {
                old.packs += 1
                old.bytes += object.bytes
            }
        }
        for id in state.standingSegments {
            if try epochs.isOld(ObjectName.segment(id), self) { old.segments += 1 }
        }
        for entry in state.snapshots {
            if try epochs.isOld(ObjectName.manifest(entry.manifest), self) { old.manifests += 1 }
        }
        return old
    }
}

/// Which objects are sealed under an epoch that is not the one in force: their first header says so,
/// for all frames of a pack are under one.
struct EpochSurvey {
    private var epochs: [String: EpochID] = [:]

    /// An object that is missing is not old; one whose header is damaged is, so that whoever seals it
    /// anew finds out.
    mutating func isOld(_ name: String, _ repository: Repository) throws -> Bool {
        if let known = epochs[name] { return known != repository.epochInForce }
        do {
            let bytes = try repository.storage.read(name, at: 0, count: UnitHeader.byteCount)
            let epoch = try UnitHeader(startOf: bytes).epoch
            epochs[name] = epoch
            return epoch != repository.epochInForce
        } catch let error as StorageError {
            guard error.kind == .missing || error.kind == .truncated else {
                throw RepositoryError.storage(error)
            }
            return error.kind == .truncated
        } catch is FormatError {
            return true
        }
    }
}
