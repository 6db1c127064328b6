import VarveFormat

/// Inode numbers that are the same at each mount: hashes of where a file stands.
struct InodeNumber: Hashable, Sendable {
    let rawValue: UInt64

    /// Of the root of a snapshot.
    init(root: SnapshotID) { self.init(hash: root.prefix) }

    /// Of a view.
    init(view number: Int) { rawValue = UInt64(number) }

    /// Of a file with several names.
    init(linkGroup group: Int, of snapshot: SnapshotID) {
        self.init(hash: Self.mix(snapshot.prefix ^ 0x6c69_6e6b, UInt64(group)))
    }

    /// Of an entry of a directory.
    init(_ name: [UInt8], in directory: InodeNumber) {
        var hash = directory.rawValue
        name.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while rest.count >= 8 {
                hash = Self.mix(
                    hash, UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(as: UInt64.self))
                rest = rest.dropFirst(8)
            }
            hash = Self.mix(hash, rest.reduce(UInt64(rest.count)) { $0 << 8 | UInt64($1) })
        }
        self.init(hash: hash)
    }

    /// Small numbers are those of views.
    private init(hash: UInt64) { rawValue = hash | 1 << 63 }

    /// The multiplication and the shifts of MurmurHash3's finaliser.
    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var hash = (a ^ b) &* 0xff51_afd7_ed55_8ccd
        hash ^= hash >> 33
        hash = (hash &+ a) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ hash >> 29
    }
}
