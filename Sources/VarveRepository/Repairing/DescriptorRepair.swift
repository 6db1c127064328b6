import VarveCodec
public import VarveFormat
public import VarveStorage

extension Repository {
    /// The id of the repository in `storage`; where `varve.json` and its copy are lost, as all key
    /// slots say it.
    public static func identifyBySlots(
        _ storage: any Storage
    ) throws -> (id: RepositoryID, isKnown: Bool) {
        let damage: RepositoryError
        do {
            return (try identify(storage), true)
        } catch let error as RepositoryError {
            switch error {
            case .damaged, .absent: damage = error
            default: throw error
            }
        }
        var found: Set<RepositoryID> = []
        do {
            // Without a log there may be none, only the slot of an `init` that was interrupted.
            guard try !storage.list(ObjectName.log).isEmpty else { throw damage }
            for object in try storage.list(ObjectName.slots) {
                for copy in Copy.allCases {
                    let bytes = try? storage.get(
                        object.name, limit: FormatLimit.clearObjectBytes, copy: copy)
                    guard let bytes, let slot = try? KeySlot(json: bytes), slot.isWhole else {
                        continue
                    }
                    found.insert(slot.repository)
                }
            }
        } catch let error as StorageError {
            throw RepositoryError.storage(error)
        }
        guard found.count == 1, let id = found.first else { throw damage }
        return (id, false)
    }
}

extension RepositoryDescriptor {
    /// Makes `varve.json` anew, in place of damaged copies.
    static func replace(by id: RepositoryID, in storage: any Storage) throws {
        do {
            // It is rebuilt from the id alone, and this may be done again after a crash.
            try storage.remove(ObjectName.repository)
        } catch {
            throw RepositoryError.storage(error)
        }
        try create(id, in: storage)
    }
}
