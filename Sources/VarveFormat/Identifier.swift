/// 32 bytes that name a thing of one kind, so that the name of a pack is never taken for a chunk's.
///
/// Ordered as its bytes are.
@frozen
public struct Identifier<Kind>: Hashable, Comparable, Sendable {
    /// The bytes as four big-endian words.
    @usableFromInline let words: (UInt64, UInt64, UInt64, UInt64)

    public static var byteCount: Int { 32 }

    /// Reads 32 bytes at `pointer`, which need not be aligned.
    @inlinable
    public init(at pointer: UnsafeRawPointer) {
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: pointer.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        words = (word(0), word(1), word(2), word(3))
    }

    /// Nil unless `bytes` are exactly 32.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self = Array(bytes).withUnsafeBytes { Identifier(at: $0.baseAddress!) }
    }

    /// Nil unless `hex` is 64 lower-case hexadecimal digits.
    public init?(hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    /// The same bytes as `other`, taken for another kind.
    init(sameAs other: Identifier<some Any>) { words = other.words }

    /// `bytes`, at most 32 of them, and zeros up to 32.
    init(padding bytes: [UInt8]) {
        let padded = bytes + repeatElement(0, count: 32 - bytes.count)
        self = padded.withUnsafeBytes { Identifier(at: $0.baseAddress!) }
    }

    /// 32 zero bytes, which stand for "none".
    public static var zero: Self { Identifier(padding: []) }

    /// The first eight bytes, which sort as the whole does.
    @inlinable public var prefix: UInt64 { words.0 }

    /// Writes the 32 bytes at `pointer`.
    @inlinable
    public func write(to pointer: UnsafeMutableRawPointer) {
        pointer.storeBytes(of: words.0.bigEndian, toByteOffset: 0, as: UInt64.self)
        pointer.storeBytes(of: words.1.bigEndian, toByteOffset: 8, as: UInt64.self)
        pointer.storeBytes(of: words.2.bigEndian, toByteOffset: 16, as: UInt64.self)
        pointer.storeBytes(of: words.3.bigEndian, toByteOffset: 24, as: UInt64.self)
    }

    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            write(to: buffer.baseAddress!)
            count = 32
        }
    }

    public var hex: String { Hex.encode(bytes) }

    @inlinable
    public static func == (a: Self, b: Self) -> Bool {
        a.words.0 == b.words.0 && a.words.1 == b.words.1 && a.words.2 == b.words.2
            && a.words.3 == b.words.3
    }

    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.words < b.words }

    @inlinable
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

extension Identifier: CustomStringConvertible {
    public var description: String { hex }
}

public enum ChunkKind {}
public enum PackKind {}
public enum SegmentKind {}
public enum SnapshotKind {}
public enum ManifestKind {}
public enum StateKind {}
public enum StateBodyKind {}
public enum RecordKind {}
public enum KeyringObjectKind {}
public enum RepositoryKind {}

/// SHA-256 of a chunk's plain bytes.
public typealias ChunkID = Identifier<ChunkKind>
/// SHA-256 of a pack's stored bytes.
public typealias PackID = Identifier<PackKind>
/// SHA-256 of an index segment's stored bytes.
public typealias SegmentID = Identifier<SegmentKind>
/// Random, drawn when the snapshot is taken, kept by sync.
public typealias SnapshotID = Identifier<SnapshotKind>
/// SHA-256 of a manifest's stored bytes.
public typealias ManifestID = Identifier<ManifestKind>
/// SHA-256 of a stored state's bytes.
public typealias StateID = Identifier<StateKind>
/// SHA-256 of a state's plain body.
public typealias StateBodyHash = Identifier<StateBodyKind>
/// SHA-256 of a log record's stored bytes.
public typealias RecordHash = Identifier<RecordKind>
/// SHA-256 of a stored keyring's bytes.
public typealias KeyringObjectID = Identifier<KeyringObjectKind>
/// Random, drawn at `init`.
public typealias RepositoryID = Identifier<RepositoryKind>
