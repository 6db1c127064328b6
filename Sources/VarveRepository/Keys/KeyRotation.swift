import VarveCodec
import VarveCrypto
import VarveFormat
import VarveSystem

extension Repository {
    /// Starts an epoch: what is sealed from now on opens with a new root key. Returns the number of
    /// epochs that there are.
    public func rotateKeys() throws -> Int {
        try rotate(under: openKeys.inForce.keyEncryptionKey, replacing: nil)
        return openKeys.inForce.keyring.epochs.count
    }

    /// How many epochs there would be after `rotateKeys`, which this throws as.
    public func planRotation() throws -> Int {
        try openKeys.inForce.keyring.next(replacing: nil).epochs.count
    }

    /// Appends a `rotate` to a keyring with one more epoch, which `key` seals in place of `old`.
    ///
    /// `body` runs right before each try.
    func rotate(
        under key: SecretBytes, replacing old: SecretBytes?, _ body: () throws -> Void = {}
    ) throws {
        let keyrings = try Keyrings(storage: storage, repository: id, keyEncryptionKey: key)
        var made: (after: KeyringObjectID, object: KeyringObjectID)?
        try append { state in
            try body()
            if let made, made.after == state.keyringObject { return .rotate(made.object) }
            // Made anew when another rotation was first, so that no epoch of it is lost.
            let next = try openKeys.inForce.keyring.next(replacing: old)
            let object = try keyrings.add(next)
            made = (state.keyringObject, object)
            return .rotate(object)
        }
    }
}

extension Keyring {
    /// This one with an epoch more.
    fileprivate func next(replacing key: SecretBytes?) throws -> Keyring {
        var next = self
        next.epochs.append(
            Epoch(created: Clock.wallNanoseconds(), rootKey: try SecureRandom.bytes(32)))
        if let key { next.replacedKeys.append(key.withUnsafeBytes { Array($0) }) }
        let most = max(next.epochs.count, next.replacedKeys.count)
        guard most <= FormatLimit.keyringKeys else {
            throw RepositoryError.refused(
                reason: "the keys were rotated \(FormatLimit.keyringKeys) times, which is the most")
        }
        return next
    }
}
