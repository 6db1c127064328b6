import VarveCodec
import VarveCrypto
import VarveFormat
import VarveStorage

extension Repository {
    /// What is wrong with `varve.json`, the key slots and the keyrings, each copy by itself.
    package func checkKeys() throws -> [CheckFinding] { try checkKeys(mend: nil) }

    func checkKeys(mend: CopyCheck.Mend?) throws -> [CheckFinding] {
        let copies = CopyCheck(storage: storage, mend: mend)
        return try checkDescriptor(copies) + checkSlots(copies) + checkKeyrings(copies)
    }

    private func checkDescriptor(_ copies: CopyCheck) throws -> [CheckFinding] {
        try copies.findings(ObjectName.repository, limit: FormatLimit.clearObjectBytes) { bytes in
            let found = try RepositoryDescriptor(json: bytes)
            guard found.checksum == SHA256.digest(Array(found.checksumText.utf8)) else {
                throw FormatError.invalid("its checksum does not fit its content")
            }
            guard found.repository == id else {
                throw FormatError.invalid("it names another repository")
            }
        }
    }

    /// Slots of other repositories and of unknown kinds are not looked at.
    private func checkSlots(_ copies: CopyCheck) throws -> [CheckFinding] {
        try list(ObjectName.slots).flatMap { name -> [CheckFinding] in
            var isForeign = false
            var copies = copies
            if let mend = copies.mend {
                copies.mend = { if !isForeign { try mend($0, $1, $2) } }
            }
            let findings = try copies.findings(name, limit: FormatLimit.clearObjectBytes) { bytes in
                guard let slot = try KeySlot(json: bytes) else {
                    isForeign = true
                    return
                }
                guard slot.isWhole else {
                    throw FormatError.invalid("its checksum does not fit its content")
                }
                isForeign = slot.repository != id
            }
            return isForeign ? [] : findings
        }
    }

    private func checkKeyrings(_ copies: CopyCheck) throws -> [CheckFinding] {
        let keyrings = try Keyrings(inForce: openKeys)
        let inForce = ObjectName.keyring(openKeys.inForce.object)
        return try Set(list(ObjectName.keyrings) + [inForce]).sorted().flatMap { name in
            let hex = String(name.dropFirst(ObjectName.keyrings.count))
            guard let id = KeyringObjectID(hex: hex) else { return [] as [CheckFinding] }
            var findings = try copies.findings(name, limit: Keyrings.bytesMax) { bytes in
                _ = try keyrings.open(bytes, id)
            }
            // Another opener may have left it, or a rotation has put one in its place.
            if name != inForce {
                for index in findings.indices { findings[index].weight = .warning }
            }
            return findings
        }
    }

    private func list(_ prefix: String) throws -> [String] {
        do {
            return try storage.list(prefix).map(\.name)
        } catch {
            throw RepositoryError.storage(error)
        }
    }
}
