import VarveCodec
import VarveFormat
import VarveRepository
import VarveSystem

/// Replaces what all keys protect, because somebody else may have one of them.
struct CompromisedKey {
    private let repository: Repository
    private let inUse: SlotSecret
    private let console: Console
    private let isDryRun: Bool

    init(_ repository: Repository, _ inUse: SlotSecret, _ console: Console, isDryRun: Bool) {
        self.isDryRun = isDryRun
        self.repository = repository
        self.inUse = inUse
        self.console = console
    }

    /// Without the slot `id`; at a terminal, passphrases of slots that would go are asked for.
    func replace(_ id: SlotID, keeping secrets: [SlotSecret], asking: Bool) throws {
        var secrets = secrets
        if asking, Terminal.isTerminal(0), !console.isJSON {
            // Of what is given already nobody is asked, and of the key in use neither.
            let known = try repository.slotsOpened(by: secrets + [inUse])
            for slot in try repository.listSlots().whole
            where slot.kind == .passphrase && slot.id != id && !known.contains(slot.id) {
                secrets += try secret(of: slot).map { [$0] } ?? []
            }
        }
        let plan = try repository.planKeyReplacement(removing: id, inUse: inUse, keeping: secrets)
        guard !isDryRun else { return try announceDry(plan) }
        if asking, !plan.dropped.isEmpty {
            let names = plan.dropped.map(Self.name).joined(separator: ", ")
            try console.confirm("without their secrets these keys go, too: \(names)")
        }
        try announce(plan, try repository.replaceKeys(plan))
    }

    private func secret(of slot: Repository.SlotReport) throws -> SlotSecret? {
        try SecretInput.passphraseIfKnown(
            "passphrase of key \(Self.name(slot)), or nothing to let it go: ")
    }

    private static func name(_ slot: Repository.SlotReport) -> String {
        let label = Shown.text(slot.label)
        return slot.id.hex.prefix(8) + (label.isEmpty ? "" : " (\(label))")
    }

    private func announce(_ plan: KeyReplacement, _ added: [SlotID]) throws {
        guard !console.isJSON else {
            return try console.emit([
                "message_type": "key_replaced", "id": .text(plan.compromised.id.hex),
                "added": .texts(added.map(\.hex)),
                "dropped": .texts(plan.dropped.map(\.id.hex)), "dry_run": .flag(false),
            ])
        }
        try console.say("removed key \(Self.name(plan.compromised))")
        for slot in plan.dropped { try console.say("removed key \(Self.name(slot))") }
        for slot in added { try console.say("sealed anew as key \(slot.hex.prefix(8))") }
        try console.say(
            "What was stored until now counts as known; `varve key rotate --rewrite` seals it anew."
        )
    }

    private func announceDry(_ plan: KeyReplacement) throws {
        guard !console.isJSON else {
            return try console.emit([
                "message_type": "key_replaced", "id": .text(plan.compromised.id.hex),
                "added": .texts([]), "dropped": .texts(plan.dropped.map(\.id.hex)),
                "dry_run": .flag(true),
            ])
        }
        try console.say("dry run, nothing is changed")
        for slot in [plan.compromised] + plan.dropped {
            try console.say("would remove key \(Self.name(slot))")
        }
        for slot in plan.kept { try console.say("would seal anew key \(Self.name(slot))") }
    }
}
