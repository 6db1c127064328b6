import VarveCodec
import VarveCrypto
import VarveFormat
import VarveStorage

/// The key slots of one repository, read from its storage.
struct KeySlots {
    let storage: any Storage
    let repository: RepositoryID

    /// A slot as it was found: whole, or damaged in all its copies.
    enum Found {
        case whole(KeySlot)
        case damaged(object: String, reason: String)
    }

    /// All slots but those of other repositories and of unknown kinds.
    func all() throws -> [Found] {
        let names: [String]
        do {
            names = try storage.list(ObjectName.slots).map(\.name)
        } catch {
            throw RepositoryError.storage(error)
        }
        return names.compactMap(found)
    }

    private func found(_ name: String) -> Found? {
        var reason = "it is missing"
        var isOfUnknownKind = false
        for copy in Copy.allCases {
            do {
                let bytes = try storage.get(
                    name, limit: FormatLimit.clearObjectBytes, copy: copy)
                guard let slot = try KeySlot(json: bytes) else {
                    // Or the one copy is damaged just there, and the other one is not.
                    isOfUnknownKind = true
                    continue
                }
                guard slot.isWhole else {
                    reason = "its checksum does not fit its content"
                    continue
                }
                return slot.repository == repository ? .whole(slot) : nil
            } catch {
                reason = "\(error)"
            }
        }
        return isOfUnknownKind ? nil : .damaged(object: name, reason: reason)
    }

    /// The key-encryption key, from the first slot that `secret` opens.
    func unlock(_ secret: SlotSecret) throws -> SecretBytes {
        var damage: RepositoryError?
        let slots = try all()
        if slots.isEmpty { damage = .damaged(ObjectName.slots, "there is no key slot") }
        for found in slots {
            switch found {
            case .damaged(let object, let reason):
                damage = .damaged(object: object, reason: reason, affects: nil)
            case .whole(let slot) where slot.kind == secret.kind:
                do throws(SlotError) {
                    return try slot.open(with: secret)
                } catch .wrongKey {
                    continue
                } catch {
                    damage = .damaged(ObjectName.slot(slot.id), error.description)
                }
            case .whole: continue
            }
        }
        // A damaged slot may be the one that would have opened.
        throw damage ?? .wrongKey(location: storage.location)
    }

    func add(_ slot: KeySlot) throws {
        do {
            try storage.put(ObjectName.slot(slot.id), slot.encoded(), copies: .two)
        } catch {
            throw RepositoryError.storage(error)
        }
    }
}
