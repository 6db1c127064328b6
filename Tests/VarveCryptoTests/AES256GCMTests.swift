import Testing
import VarveCrypto

@Suite struct AES256GCMTests {
    struct Vector: Sendable {
        var key: [UInt8]
        var nonce: [UInt8]
        var associated: [UInt8] = []
        var plain: [UInt8]
        var cipher: [UInt8]
        var tag: [UInt8]
    }

    private static let key = vector(
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
    private static let nonce = vector("cafebabefacedbaddecaf888")
    private static let plain = vector(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255")
    private static let cipher = vector(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad")

    /// Test cases 13 to 16 of McGrew and Viega, "The Galois/Counter Mode of Operation".
    static let vectors = [
        Vector(
            key: repeated(0, 32), nonce: repeated(0, 12), plain: [], cipher: [],
            tag: vector("530f8afbc74536b9a963b4f1c4cb738b")),
        Vector(
            key: repeated(0, 32), nonce: repeated(0, 12), plain: repeated(0, 16),
            cipher: vector("cea7403d4d606b6e074ec5d3baf39d18"),
            tag: vector("d0d1c8a799996bf0265b98b5d48ab919")),
        Vector(
            key: key, nonce: nonce, plain: plain, cipher: cipher,
            tag: vector("b094dac5d93471bdec1a502270e3cc6c")),
        Vector(
            key: key, nonce: nonce,
            associated: vector("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
            plain: Array(plain.prefix(60)), cipher: Array(cipher.prefix(60)),
            tag: vector("76fc6ece0f4e1768cddf8853bb2d551b")),
    ]

    private func seal(
        _ context: inout AES256GCMContext, _ vector: Vector
    ) throws -> (cipher: [UInt8], tag: [UInt8]) {
        var cipher = vector.plain + [0xEE]
        var tag = repeated(0, 16)
        try cipher.withUnsafeMutableBytes { cipher in
            try tag.withUnsafeMutableBytes { tag in
                try vector.key.withUnsafeBytes { key in
                    try vector.nonce.withUnsafeBytes { nonce in
                        try vector.associated.withUnsafeBytes { associated in
                            // In place: the plain bytes lie where the sealed ones go.
                            try context.seal(
                                key: key, nonce: nonce, associated: associated,
                                plain: UnsafeRawBufferPointer(rebasing: cipher.dropLast()),
                                into: cipher.baseAddress!, tag: tag.baseAddress!)
                        }
                    }
                }
            }
        }
        #expect(cipher.last == 0xEE)
        return (cipher.dropLast(), tag)
    }

    private func open(
        _ context: inout AES256GCMContext, _ vector: Vector, into plain: inout [UInt8]
    ) throws {
        try plain.withUnsafeMutableBytes { plain in
            try vector.tag.withUnsafeBytes { tag in
                try vector.key.withUnsafeBytes { key in
                    try vector.nonce.withUnsafeBytes { nonce in
                        try vector.associated.withUnsafeBytes { associated in
                            try vector.cipher.withUnsafeBytes { cipher in
                                try context.open(
                                    key: key, nonce: nonce, associated: associated,
                                    cipher: cipher, tag: tag, into: plain.baseAddress!)
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("one context seals and opens all published vectors in turn")
    func published() throws {
        var context = try AES256GCMContext()
        for vector in Self.vectors {
            let sealed = try seal(&context, vector)
            #expect(sealed.cipher == vector.cipher)
            #expect(sealed.tag == vector.tag)
            var plain = repeated(0xEE, vector.cipher.count + 1)
            try open(&context, vector, into: &plain)
            #expect(plain == vector.plain + [0xEE])
        }
    }

    @Test("a change anywhere is noticed and leaves no plain bytes, and the context goes on")
    func tampered() throws {
        var context = try AES256GCMContext()
        let good = Self.vectors[3]
        let fields: [WritableKeyPath<Vector, [UInt8]>] = [
            \.key, \.nonce, \.associated, \.cipher, \.tag,
        ]
        for field in fields {
            for index in good[keyPath: field].indices {
                var bad = good
                bad[keyPath: field][index] ^= 1 << UInt8(index & 7)
                var plain = repeated(0xEE, good.plain.count)
                #expect(throws: CryptoError.authenticationFailed) {
                    try open(&context, bad, into: &plain)
                }
                #expect(plain == repeated(0, good.plain.count))
            }
        }
        var plain = repeated(0, good.plain.count)
        try open(&context, good, into: &plain)
        #expect(plain == good.plain)
    }

    @Test("keys, nonces and tags of another length are refused")
    func lengths() throws {
        var context = try AES256GCMContext()
        for field in [\Vector.key, \Vector.nonce, \Vector.tag] {
            for change in [-1, 1] {
                var bad = Self.vectors[2]
                let count = bad[keyPath: field].count
                bad[keyPath: field] = repeated(0, count + change)
                var plain = repeated(0, bad.plain.count)
                #expect(throws: CryptoError.wrongLength(count: count + change, expected: count)) {
                    try open(&context, bad, into: &plain)
                }
            }
        }
    }

    @Test("more bytes than a 32-bit count holds are refused unread")
    func tooLong() throws {
        var context = try AES256GCMContext()
        let address = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)
        defer { address.deallocate() }
        let key = UnsafeRawBufferPointer(start: address, count: 32)
        let nonce = UnsafeRawBufferPointer(start: address, count: 12)
        let count = Int(Int32.max) + 1
        #expect(throws: CryptoError.tooLong(count: count)) {
            try context.seal(
                key: key, nonce: nonce, associated: UnsafeRawBufferPointer(start: nil, count: 0),
                plain: UnsafeRawBufferPointer(start: address, count: count), into: address,
                tag: address)
        }
    }
}
