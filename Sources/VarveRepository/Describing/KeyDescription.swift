import VarveCodec
import VarveFormat
import VarveStorage

/// Key slots and keyrings without what they protect.
extension Repository {
    func slot(_ start: String) throws -> JSONValue {
        let name = try onlyName(below: ObjectName.slots, startingWith: start)
        var reason = "it is of an unknown kind"
        for copy in Copy.allCases {
            do {
                let json = try storage.get(
                    name, limit: FormatLimit.clearObjectBytes, copy: copy)
                if let slot = try KeySlot(json: json) { return Self.description(slot, name) }
            } catch {
                reason = "\(error)"
            }
        }
        throw RepositoryError.damaged(name, reason)
    }

    private static func description(_ slot: KeySlot, _ name: String) -> JSONValue {
        [
            "object": .text(name), "id": .text(slot.id.hex), "kind": .text(slot.kind.rawValue),
            "repository": .text(slot.repository.hex), "created": .text(slot.created),
            "label": .text(slot.label),
            "kdf": [
                "name": .text(slot.kdf.name.rawValue), "n": .integer(slot.kdf.n),
                "r": .integer(slot.kdf.r), "p": .integer(slot.kdf.p),
            ],
            "whole": .flag(slot.isWhole),
        ]
    }

    func keyring(_ start: String) throws -> JSONValue {
        let name = try onlyName(below: ObjectName.keyrings, startingWith: start)
        let id: KeyringObjectID = try identifier(in: name)
        let keyrings = try Keyrings(inForce: openKeys)
        guard let keyring = try keyrings.all().whole[id] else {
            throw RepositoryError.damaged(name, "it does not open")
        }
        let epochs = try keyring.epochs.map { epoch -> JSONValue in
            // An epoch's id follows from its key, and this is where it is derived.
            let alone = Keyring(
                id: keyring.id, chunkerSecret: keyring.chunkerSecret, epochs: [epoch])
            return [
                "id": .text(try SealingKeys(alone).current.hex),
                "created": .text(Timestamp.text(nanoseconds: epoch.created)),
            ]
        }
        return [
            "object": .text(name), "id": .text(keyring.id.hex), "epochs": .list(epochs),
            "replaced_keys": .integer(keyring.replacedKeys.count),
            "in_force": .flag(state.keyringObject == id),
        ]
    }
}
