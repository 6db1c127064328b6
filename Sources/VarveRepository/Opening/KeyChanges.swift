public import VarveCodec
public import VarveFormat
import VarveStorage
import VarveSystem

extension Repository {
    /// A key slot, for people.
    public struct SlotReport: Sendable {
        public var id: SlotID
        public var kind: KeySlot.Kind
        public var created: String
        public var label: String
    }

    private var slots: KeySlots { KeySlots(storage: storage, repository: id) }

    /// The whole slots, and the names of damaged ones with what is wrong with them.
    public func listSlots() throws -> (whole: [SlotReport], damaged: [(String, String)]) {
        var whole: [SlotReport] = []
        var damaged: [(String, String)] = []
        for found in try slots.all() {
            switch found {
            case .damaged(let object, let reason): damaged.append((object, reason))
            case .whole(let slot):
                whole.append(
                    SlotReport(
                        id: slot.id, kind: slot.kind, created: slot.created, label: slot.label))
            }
        }
        return (whole.sorted { $0.created < $1.created }, damaged)
    }

    /// Adds a slot that `secret` opens.
    @discardableResult
    public func addSlot(_ secret: SlotSecret, label: String) throws -> SlotID {
        let slot = try KeySlot.sealing(
            keyEncryptionKey, under: secret, repository: id, label: label,
            created: Timestamp.text(nanoseconds: Clock.wallNanoseconds()))
        try slots.add(slot)
        return slot.id
    }

    /// Removes a slot; never the last one.
    public func removeSlot(_ slot: SlotID) throws {
        let whole = try listSlots().whole
        guard whole.contains(where: { $0.id == slot }) else {
            throw RepositoryError.notFound("there is no key slot \(slot)")
        }
        guard whole.count > 1 else { throw RepositoryError.lastSlot }
        let removed = try slots.all().compactMap { found in
            if case .whole(let other) = found, other.id == slot { other } else { nil as KeySlot? }
        }
        do {
            try storage.remove(ObjectName.slot(slot))
        } catch {
            throw RepositoryError.storage(error)
        }
        // Somebody else may have removed the others meanwhile: then both put back what they took.
        if try listSlots().whole.isEmpty {
            for lost in removed { try slots.add(lost) }
            throw RepositoryError.lastSlot
        }
    }

    /// Replaces the slots that `old` opens by one that `new` opens; returns the new slot.
    public func replaceSlots(openedBy old: SlotSecret, with new: SlotSecret, label: String?) throws
        -> SlotID
    {
        var replaced: [KeySlot] = []
        for case .whole(let slot) in try slots.all() where slot.kind == old.kind {
            if (try? slot.open(with: old)) != nil { replaced.append(slot) }
        }
        guard let first = replaced.first else {
            throw RepositoryError.wrongKey(location: storage.location)
        }
        // The new one first: at every moment something opens the repository.
        let added = try addSlot(new, label: label ?? first.label)
        for slot in replaced { try removeSlot(slot.id) }
        return added
    }
}
