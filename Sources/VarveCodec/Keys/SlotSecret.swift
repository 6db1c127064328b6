public import VarveCrypto
public import VarveFormat

/// What opens a key slot.
public enum SlotSecret: Sendable {
    /// The passphrase in UTF-8.
    case passphrase(SecretBytes)
    /// The 32 bytes of a key file.
    case keyFile(SecretBytes)

    public var kind: KeySlot.Kind {
        switch self {
        case .passphrase: .passphrase
        case .keyFile: .keyFile
        }
    }

    var bytes: SecretBytes {
        switch self {
        case .passphrase(let bytes), .keyFile(let bytes): bytes
        }
    }
}

/// Why a slot did not open.
public enum SlotError: Error, Sendable, Equatable {
    /// Its checksum is wrong.
    case damaged(String)
    /// It is whole, and belongs to another passphrase or key file.
    case wrongKey
    case failed(CryptoError)
}

extension SlotError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .damaged(let reason): reason
        case .wrongKey: "it belongs to another passphrase or key file"
        case .failed(let error): error.description
        }
    }
}
