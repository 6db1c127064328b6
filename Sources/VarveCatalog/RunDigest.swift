import VarveCrypto
import VarveFormat

extension Identifier where Kind == RunDigestKind {
    init(hashing bytes: UnsafeRawBufferPointer) {
        self = withUnsafeTemporaryAllocation(byteCount: SHA256.byteCount, alignment: 8) { digest in
            SHA256.hash(bytes, into: digest.baseAddress!)
            return RunDigest(at: digest.baseAddress!)
        }
    }
}

extension RunDigest {
    /// Four bytes of the digest: what a bucket is checked by.
    var short: UInt32 { UInt32(truncatingIfNeeded: prefix >> 32) }
}
