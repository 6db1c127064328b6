import VarveFormat

/// The segments that a run covers, and its pack table.
struct RunNames {
    private(set) var segments: [SegmentID] = []
    private(set) var packs: [PackID] = []
    /// Each pack's row in `segments`.
    private(set) var packSegments: [UInt32] = []

    static let packRowBytes = 36

    mutating func append(_ segment: SegmentID) { segments.append(segment) }

    /// Adds a pack that comes from a row of `segments`.
    mutating func append(_ pack: PackID, segment: UInt32) {
        packs.append(pack)
        packSegments.append(segment)
    }

    func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(packs.count * Self.packRowBytes + segments.count * 32)
        for (pack, segment) in zip(packs, packSegments) {
            bytes += pack.bytes
            withUnsafeBytes(of: segment.littleEndian) { bytes += $0 }
        }
        for segment in segments { bytes += segment.bytes }
        return bytes
    }

    init() {}

    /// Reads what `encode` wrote; `bytes` are as long as the counts say.
    init(
        decoding bytes: UnsafeRawBufferPointer, packCount: Int, segmentCount: Int
    ) throws(CatalogError) {
        guard bytes.count == packCount * Self.packRowBytes + segmentCount * 32,
            var pointer = bytes.baseAddress
        else { throw .damaged }
        for _ in 0..<packCount {
            let segment = pointer.loadUnaligned(fromByteOffset: 32, as: UInt32.self)
            append(PackID(at: pointer), segment: UInt32(littleEndian: segment))
            pointer += Self.packRowBytes
        }
        guard packSegments.allSatisfy({ $0 < segmentCount }) else { throw .damaged }
        for _ in 0..<segmentCount {
            append(SegmentID(at: pointer))
            pointer += 32
        }
    }
}
