/// 16 bytes that name a thing of one kind.
public struct ShortIdentifier<Kind>: Hashable, Sendable {
    public let bytes: [UInt8]

    public static var byteCount: Int { 16 }

    /// Nil unless `bytes` are exactly 16.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Nil unless `hex` is 32 lower-case hexadecimal digits.
    public init?(hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    init(_ reader: inout ByteReader) throws(FormatError) { bytes = try reader.raw(16) }

    public var hex: String { Hex.encode(bytes) }
}

extension ShortIdentifier: CustomStringConvertible {
    public var description: String { hex }
}

public enum EpochKind {}
public enum KeyringKind {}
public enum SlotKind {}
public enum SessionKind {}

/// Derived from an epoch's root key, so that repositories which rotate apart never collide.
public typealias EpochID = ShortIdentifier<EpochKind>
/// Drawn at `init`, kept by rotation, merge and same-keyring sync.
public typealias KeyringID = ShortIdentifier<KeyringKind>
/// Drawn when a key slot is made.
public typealias SlotID = ShortIdentifier<SlotKind>
/// Drawn when a writer starts.
public typealias SessionID = ShortIdentifier<SessionKind>
