public import VarveCodec
import VarveCrypto
public import VarveFormat

/// What becomes of each key slot when the key-encryption key is replaced.
public struct KeyReplacement: Sendable {
    public let compromised: Repository.SlotReport
    /// Those that are sealed anew.
    public fileprivate(set) var kept: [Repository.SlotReport] = []
    /// Those whose secret was not given: they go, too.
    public fileprivate(set) var dropped: [Repository.SlotReport] = []
    /// What opens the repository afterwards, each with the label of its slot.
    fileprivate var secrets: [(secret: SlotSecret, label: String)] = []

    fileprivate init(_ compromised: Repository.SlotReport) { self.compromised = compromised }

    /// The one to be removed first.
    fileprivate var old: [SlotID] { ([compromised] + kept + dropped).map(\.id) }
}

extension Repository {
    /// The whole slots that one of `secrets` opens.
    public func slotsOpened(by secrets: [SlotSecret]) throws -> Set<SlotID> {
        Set(
            try wholeSlots().filter { slot in secrets.contains(where: slot.opens) }.map(\.id))
    }

    private func wholeSlots() throws -> [KeySlot] {
        try slots.all().compactMap { found in
            if case .whole(let slot) = found { slot } else { nil }
        }
    }

    /// What `replaceKeys` would do without the slot `id`: the slots that one of `secrets`, or the one
    /// `inUse`, opens are kept, the others go.
    public func planKeyReplacement(
        removing id: SlotID, inUse: SlotSecret, keeping secrets: [SlotSecret]
    ) throws -> KeyReplacement {
        let whole = try wholeSlots()
        guard let compromised = whole.first(where: { $0.id == id }) else {
            throw RepositoryError.notFound("there is no key slot \(id)")
        }
        guard !secrets.contains(where: compromised.opens) else {
            throw RepositoryError.refused(
                reason: "one of the keys to keep opens the slot that is to go")
        }
        var plan = KeyReplacement(SlotReport(compromised))
        var isUsed = [Bool](repeating: false, count: secrets.count + 1)
        let candidates = secrets + (compromised.opens(with: inUse) ? [] : [inUse])
        for slot in whole where slot.id != id {
            guard let index = candidates.firstIndex(where: slot.opens) else {
                plan.dropped.append(SlotReport(slot))
                continue
            }
            plan.kept.append(SlotReport(slot))
            // Several slots of one secret become one.
            if !isUsed[index] { plan.secrets.append((candidates[index], slot.label)) }
            isUsed[index] = true
        }
        if let index = secrets.indices.first(where: { !isUsed[$0] }) {
            throw RepositoryError.notFound(
                "of the keys to keep, number \(index + 1) opens no slot of the repository")
        }
        guard !plan.secrets.isEmpty else {
            throw RepositoryError.refused(
                reason: "no key would be left; give one that stays, or add one first")
        }
        return plan
    }

    /// Draws a new key-encryption key, seals the slots that are kept anew and starts an epoch; then the
    /// old slots go. Returns the new ones.
    ///
    /// Until the record stands every old slot opens the repository, and afterwards every new one.
    public func replaceKeys(_ plan: KeyReplacement) throws -> [SlotID] {
        let key = try SecretBytes.random(byteCount: 32)
        var added: [SlotID] = []
        var mayStand = false
        do {
            for (secret, label) in plan.secrets {
                added.append(try slots.add(secret, for: key, label: label).id)
            }
            openKeys.admit(key)
            try rotate(under: key, replacing: openKeys.inForce.keyEncryptionKey) {
                // A slot that came meanwhile would open nothing any more, unnoticed.
                guard Set(try listSlots().whole.map(\.id)) == Set(plan.old + added) else {
                    throw RepositoryError.refused(
                        reason: "a key was added or removed meanwhile; run the command again")
                }
                mayStand = true
            }
        } catch {
            if !mayStand { for id in added { try? slots.remove(id) } }
            throw error
        }
        openKeys.slot = added[0]
        for id in plan.old { try slots.remove(id) }
        return added
    }
}

extension KeySlot {
    fileprivate func opens(with secret: SlotSecret) -> Bool { (try? open(with: secret)) != nil }
}

extension Repository.SlotReport {
    fileprivate init(_ slot: KeySlot) {
        self.init(id: slot.id, kind: slot.kind, created: slot.created, label: slot.label)
    }
}
