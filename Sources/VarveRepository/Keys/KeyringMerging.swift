import VarveCrypto
import VarveFormat
import VarveStorage

extension Repository {
    /// Whether what the other one has sealed opens here, but for epochs that came since.
    public func sharesKeyring(with other: Repository) -> Bool {
        state.parameters.keyring == other.state.parameters.keyring
    }

    /// Takes over the epochs that `source` has and this one lacks, and seals under the newest; false
    /// when there is none.
    ///
    /// Throws `.refused` when one of the two is still sealed under a key that the other replaced as
    /// compromised: whoever has that key would have every epoch.
    package func takeEpochs(of source: Repository) throws -> Bool {
        let theirs = source.openKeys.inForce.keyring
        try checkReplaced(beside: source)
        guard openKeys.inForce.keyring.merged(with: theirs) != openKeys.inForce.keyring else {
            return false
        }
        let keyrings = try Keyrings(
            storage: storage, repository: id, keyEncryptionKey: openKeys.inForce.keyEncryptionKey)
        var made: (after: KeyringObjectID, object: KeyringObjectID)?
        let number = try append { state in
            try checkReplaced(beside: source)
            if let made, made.after == state.keyringObject { return .rotate(made.object) }
            // Made anew when somebody else's rotation was first.
            let keyring = openKeys.inForce.keyring
            let next = try keyring.merged(with: theirs).checked()
            guard next != keyring else { return nil }
            let object = try keyrings.add(next)
            made = (state.keyringObject, object)
            return .rotate(object)
        }
        return number != nil
    }

    /// Throws when one of the two is sealed under a key-encryption key that the other has replaced.
    package func checkReplaced(beside source: Repository) throws {
        let (own, theirs) = (openKeys.inForce, source.openKeys.inForce)
        for (keys, other, location) in [
            (own, theirs, storage.location), (theirs, own, source.storage.location),
        ] {
            let isReplaced = other.keyring.replacedKeys.contains {
                SecretBytes(copying: $0) == keys.keyEncryptionKey
            }
            guard isReplaced else { continue }
            throw RepositoryError.refused(
                reason: "\(location) is still sealed under a key that was removed as compromised "
                    + "from its sibling; run `varve key remove --compromised` on it, then sync again"
            )
        }
    }
}

extension Keyring {
    /// This one with the epochs and the replaced keys of another; of two that rotated apart the newest
    /// epoch seals, and never one that either has gone beyond.
    func merged(with other: Keyring) -> Keyring {
        var merged = self
        let known = Set(replacedKeys)
        merged.replacedKeys += other.replacedKeys.filter { !known.contains($0) }
        let own = Set(epochs.map(\.rootKey))
        let missing = other.epochs.filter { !own.contains($0.rootKey) }
        guard let last = epochs.last, let theirs = other.epochs.last, !missing.isEmpty else {
            return merged
        }
        let isLastOver = other.epochs.contains { $0.rootKey == last.rootKey }
        let isTheirsOver = own.contains(theirs.rootKey)
        let isTheirsNewer =
            theirs.created != last.created
            ? theirs.created > last.created
            : last.rootKey.lexicographicallyPrecedes(theirs.rootKey)
        if !isTheirsOver, isLastOver || isTheirsNewer {
            merged.epochs += missing
        } else {
            merged.epochs = epochs.dropLast() + missing + [last]
        }
        return merged
    }

    /// Throws when it has become too long.
    fileprivate func checked() throws -> Keyring {
        guard max(epochs.count, replacedKeys.count) <= FormatLimit.keyringKeys else {
            throw RepositoryError.refused(
                reason: "both repositories together have rotated their keys more than "
                    + "\(FormatLimit.keyringKeys) times, which is the most")
        }
        return self
    }
}
