/// A key slot: the key-encryption key, sealed under one secret.
public struct KeySlot: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case passphrase
        case keyFile = "key-file"
    }

    /// How the secret comes from what a person gives.
    public struct KDF: Sendable, Equatable {
        public enum Name: String, Sendable, CaseIterable {
            case scrypt
            /// For a secret that is random already; every number is 0.
            case none
        }

        public var name: Name
        public var n: Int
        public var r: Int
        public var p: Int
        /// 32 bytes.
        public var salt: [UInt8]

        public init(name: Name, n: Int, r: Int, p: Int, salt: [UInt8]) {
            self.name = name
            self.n = n
            self.r = r
            self.p = p
            self.salt = salt
        }

        /// Whether the numbers are within their bounds, so that they may be used on this machine.
        public var isValid: Bool {
            guard salt.count == 32 else { return false }
            switch name {
            case .none: return n == 0 && r == 0 && p == 0
            case .scrypt:
                return (1 << 10...1 << 20).contains(n) && n.nonzeroBitCount == 1
                    && (1...32).contains(r) && (1...16).contains(p) && 128 * n * r <= 1 << 30
            }
        }
    }

    public var kind: Kind
    public var id: SlotID
    public var repository: RepositoryID
    /// ISO 8601, for people.
    public var created: String
    /// For people; one line.
    public var label: String
    public var kdf: KDF
    /// 32 bytes by which a wrong secret is told from damage.
    public var keyCheck: [UInt8]
    /// 48 bytes: the sealed key-encryption key and its tag.
    public var sealedKey: [UInt8]
    /// 32 bytes: should be the SHA-256 of `checksumText`, which the caller checks.
    public var checksum: [UInt8]

    /// Without a checksum given it is empty, and has to be set before the slot is encoded.
    public init(
        kind: Kind, id: SlotID, repository: RepositoryID, created: String, label: String,
        kdf: KDF, keyCheck: [UInt8], sealedKey: [UInt8], checksum: [UInt8] = []
    ) {
        self.kind = kind
        self.id = id
        self.repository = repository
        self.created = created
        self.label = label
        self.kdf = kdf
        self.keyCheck = keyCheck
        self.sealedKey = sealedKey
        self.checksum = checksum
    }

    /// The text that `checksum` is taken over.
    public var checksumText: String {
        [
            kind.rawValue, id.hex, repository.hex, created, label, kdf.name.rawValue, String(kdf.n),
            String(kdf.r), String(kdf.p), Hex.encode(kdf.salt), Hex.encode(keyCheck),
            Hex.encode(sealedKey),
        ].joined(separator: "\n")
    }
}
