import VarveCodec
import VarveCrypto
import VarveFormat
import VarveStorage
import VarveSystem

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

    /// Runs `body` with a slot that `secret` opens and the key-encryption key in it; with the next
    /// one when `body` throws `.keysReplaced`, for a change of keys may have been interrupted.
    ///
    /// When the slot `known` does, no other is looked for.
    func unlock<Answer>(
        _ secret: SlotSecret, first known: SlotID? = nil,
        _ body: (SlotID, SecretBytes) throws -> Answer
    ) throws -> Answer {
        if let known, case .whole(let slot) = found(ObjectName.slot(known)),
            slot.kind == secret.kind, let key = try? slot.open(with: secret)
        {
            do {
                return try body(slot.id, key)
            } catch RepositoryError.keysReplaced {}
        }
        var damage: RepositoryError?
        var replaced: RepositoryError?
        let slots = try all()
        if slots.isEmpty { damage = .damaged(ObjectName.slots, "there is no key slot") }
        for found in slots {
            switch found {
            case .damaged(let object, let reason):
                damage = .damaged(object: object, reason: reason, affects: nil)
            case .whole(let slot) where slot.kind == secret.kind:
                let key: SecretBytes
                do throws(SlotError) {
                    key = try slot.open(with: secret)
                } catch .wrongKey {
                    continue
                } catch {
                    damage = .damaged(ObjectName.slot(slot.id), error.description)
                    continue
                }
                do {
                    return try body(slot.id, key)
                } catch let error as RepositoryError {
                    guard case .keysReplaced = error else { throw error }
                    replaced = error
                }
            case .whole: continue
            }
        }
        // A damaged slot may be the one that would have opened.
        throw damage ?? replaced ?? .wrongKey(location: storage.location)
    }

    /// The whole slot `id` as it is stored; nil when there is none.
    func slot(_ id: SlotID) throws -> KeySlot? {
        try all().lazy.compactMap { found in
            if case .whole(let slot) = found, slot.id == id { slot } else { nil }
        }.first
    }

    /// Adds a slot that `secret` opens for `key`; it is read back and opened before this returns.
    func add(
        _ secret: SlotSecret, for key: SecretBytes, label: String
    ) throws -> KeySlot {
        let slot = try KeySlot.sealing(
            key, under: secret, repository: repository, label: label,
            created: Timestamp.text(nanoseconds: Clock.wallNanoseconds()))
        do {
            try add(slot)
            guard let stored = try self.slot(slot.id), try stored.open(with: secret) == key else {
                throw RepositoryError.damaged(
                    ObjectName.slot(slot.id), "it was stored, and does not open")
            }
        } catch {
            try? storage.remove(ObjectName.slot(slot.id))
            throw error
        }
        return slot
    }

    func remove(_ slot: SlotID) throws {
        do {
            // Twice, for a repair may put the first copy anew while it still finds the second.
            for _ in 0..<2 { try storage.remove(ObjectName.slot(slot)) }
        } catch {
            throw RepositoryError.storage(error)
        }
    }

    func add(_ slot: KeySlot) throws {
        do {
            try storage.put(ObjectName.slot(slot.id), slot.encoded(), copies: .two)
        } catch {
            throw RepositoryError.storage(error)
        }
    }
}
