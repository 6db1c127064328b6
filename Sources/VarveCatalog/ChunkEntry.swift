import VarveFormat

/// A chunk's entry in a run: 60 bytes, numbers little-endian.
///
/// | at | |
/// |---|---|
/// | 0 | chunk id |
/// | 32 | row of the run's pack table |
/// | 36, 40 | the frame's offset and length |
/// | 44 | plain length |
/// | 48 | position in the frame |
/// | 50 | 1 for a delta, plus 2 in a metadata pack |
/// | 52 | of a delta the first eight bytes of its base's id, as they are |
struct ChunkEntry {
    static let byteCount = 60

    let pointer: UnsafeRawPointer

    var id: ChunkID { ChunkID(at: pointer) }
    var prefix: UInt64 { UInt64(bigEndian: pointer.loadUnaligned(as: UInt64.self)) }
    var packRow: UInt32 { load(32) }
    private var flags: UInt16 { load(50) }
    var isDelta: Bool { flags & 1 != 0 }
    private var contents: PackContents { flags & 2 == 0 ? .data : .metadata }

    /// The place, in the pack with this ordinal.
    func place(pack: UInt32) -> ChunkPlace {
        ChunkPlace(
            pack: pack, frameOffset: load(36), frameBytes: load(40), position: load(48),
            isDelta: isDelta, rawBytes: load(44), contents: contents,
            base: UInt64(bigEndian: pointer.loadUnaligned(fromByteOffset: 52, as: UInt64.self)))
    }

    /// Writes the entry at `pointer`, with the place's `pack` as its row.
    static func write(_ id: ChunkID, _ place: ChunkPlace, to pointer: UnsafeMutableRawPointer) {
        id.write(to: pointer)
        writeRow(place.pack, to: pointer)
        pointer.storeBytes(of: place.frameOffset.littleEndian, toByteOffset: 36, as: UInt32.self)
        pointer.storeBytes(of: place.frameBytes.littleEndian, toByteOffset: 40, as: UInt32.self)
        pointer.storeBytes(of: place.rawBytes.littleEndian, toByteOffset: 44, as: UInt32.self)
        pointer.storeBytes(of: place.position.littleEndian, toByteOffset: 48, as: UInt16.self)
        let flags: UInt16 = (place.isDelta ? 1 : 0) | (place.contents == .metadata ? 2 : 0)
        pointer.storeBytes(of: flags.littleEndian, toByteOffset: 50, as: UInt16.self)
        pointer.storeBytes(of: place.base.bigEndian, toByteOffset: 52, as: UInt64.self)
    }

    static func writeRow(_ row: UInt32, to pointer: UnsafeMutableRawPointer) {
        pointer.storeBytes(of: row.littleEndian, toByteOffset: 32, as: UInt32.self)
    }

    private func load<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Number {
        Number(littleEndian: pointer.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}

/// A super-feature's entry in a run: 12 bytes, the feature and the prefix of a base's id.
///
/// Both are big-endian, so that the first eight bytes sort by feature.
struct FeatureEntry {
    static let byteCount = 12

    let pointer: UnsafeRawPointer

    var feature: UInt32 { UInt32(bigEndian: pointer.loadUnaligned(as: UInt32.self)) }
    var base: UInt64 {
        UInt64(bigEndian: pointer.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
    }

    /// The key under which a run sorts and finds `feature`.
    static func key(_ feature: UInt32) -> UInt64 { UInt64(feature) << 32 }

    static func write(_ feature: UInt32, _ base: UInt64, to pointer: UnsafeMutableRawPointer) {
        pointer.storeBytes(of: feature.bigEndian, as: UInt32.self)
        pointer.storeBytes(of: base.bigEndian, toByteOffset: 4, as: UInt64.self)
    }
}
