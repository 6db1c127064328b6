public import VarveCodec
public import VarveFormat
import VarveStorage

extension Repository {
    /// A key slot, for people.
    public struct SlotReport: Sendable {
        public var id: SlotID
        public var kind: KeySlot.Kind
        public var created: String
        public var label: String
    }

    var slots: KeySlots { KeySlots(storage: storage, repository: id) }

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
        try log.refresh()
        let slot = try slots.add(
            secret, for: openKeys.inForce.keyEncryptionKey, label: label)
        do {
            // When the key in it was replaced meanwhile it would open nothing.
            try log.refresh()
        } catch {
            try? slots.remove(slot.id)
            throw error
        }
        return slot.id
    }

    /// Removes a slot; never the one in use, which alone is known to open the repository.
    public func removeSlot(_ slot: SlotID) throws {
        let whole = try listSlots().whole
        guard whole.contains(where: { $0.id == slot }) else {
            throw RepositoryError.notFound("there is no key slot \(slot)")
        }
        guard slot != openKeys.slot else {
            guard whole.count > 1 else { throw RepositoryError.lastSlot }
            throw RepositoryError.refused(
                reason: "this is the key in use; remove it with one that stays, which proves that "
                    + "it opens the repository")
        }
        try remove(slot, relyingOn: openKeys.slot)
    }

    private func remove(_ slot: SlotID, relyingOn kept: SlotID) throws {
        let removed = try slots.slot(slot)
        try slots.remove(slot)
        // Somebody else may have removed the other meanwhile: then both put back what they took.
        guard try slots.slot(kept) == nil else { return }
        if let removed { try slots.add(removed) }
        throw RepositoryError.lastSlot
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
        openKeys.slot = added
        for slot in replaced { try remove(slot.id, relyingOn: added) }
        return added
    }
}
