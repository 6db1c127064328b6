import Testing
import VarveCrypto

@Suite struct KeyDerivationTests {
    static let codes: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            repeated(0x0b, 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            repeated(0xaa, 20), repeated(0xdd, 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), repeated(0xcd, 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            repeated(0xaa, 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ]

    @Test("the HMAC vectors of RFC 4231 hold, in one part and in two", arguments: codes)
    func hmac(key: [UInt8], message: [UInt8], code: String) throws {
        let secret = SecretBytes(copying: key)
        let head = Array(message.prefix(3))
        let tail = Array(message.dropFirst(3))
        #expect(try HMACSHA256.authenticate(key: secret, message) == vector(code))
        #expect(try HMACSHA256.authenticate(key: secret, head, tail, []) == vector(code))
    }

    @Test("an empty HMAC key stands for zeros")
    func emptyKey() throws {
        let empty = try HMACSHA256.authenticate(key: SecretBytes(copying: []), [1, 2, 3])
        let zeros = try HMACSHA256.authenticate(
            key: SecretBytes(copying: repeated(0, 64)), [1, 2, 3])
        #expect(empty == zeros)
    }

    static let derivations: [(key: [UInt8], salt: [UInt8], info: [UInt8], output: String)] = [
        (
            repeated(0x0b, 22), Array(0x00...0x0c), Array(0xf0...0xf9),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                + "34007208d5b887185865"
        ),
        (
            Array(0x00...0x4f), Array(0x60...0xaf), Array(0xb0...0xff),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
                + "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
                + "cc30c58179ec3e87c14c01d5c1f3434f1d87"
        ),
        (
            repeated(0x0b, 22), [], [],
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                + "9d201395faa4b61a96c8"
        ),
    ]

    @Test("the HKDF vectors of RFC 5869 hold", arguments: derivations)
    func hkdf(key: [UInt8], salt: [UInt8], info: [UInt8], output: String) throws {
        let expected = vector(output)
        let derived = try HKDFSHA256.derive(
            key: SecretBytes(copying: key), salt: salt, info: info, byteCount: expected.count)
        #expect(derived.withUnsafeBytes { Array($0) } == expected)
    }

    @Test("HKDF refuses more than 255 blocks")
    func tooLong() throws {
        let key = SecretBytes(copying: repeated(1, 32))
        let most = try HKDFSHA256.derive(key: key, salt: [], info: [], byteCount: 255 * 32)
        #expect(most.count == 255 * 32)
        #expect(throws: CryptoError.tooLong(count: 255 * 32 + 1)) {
            try HKDFSHA256.derive(key: key, salt: [], info: [], byteCount: 255 * 32 + 1)
        }
    }
}
