import Testing
import VarveCrypto

@Suite struct SecretBytesTests {
    @Test("a secret prints as nothing but the word")
    func prints() {
        let secret = SecretBytes(copying: [0x41, 0x42])
        #expect("\(secret)" == "<secret>")
        #expect(String(reflecting: secret) == "<secret>")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("65") && !dumped.contains("0x"))
    }

    @Test("secrets are equal when their bytes are")
    func equality() {
        let secret = SecretBytes(copying: [1, 2, 3])
        #expect(secret == SecretBytes(copying: [1, 2, 3]))
        #expect(secret != SecretBytes(copying: [1, 2, 4]))
        #expect(secret != SecretBytes(copying: [1, 2]))
        #expect(SecretBytes(copying: []) == SecretBytes(copying: []))
    }

    @Test("a wipe leaves zeros")
    func wiped() {
        var bytes: [UInt8] = [1, 2, 3]
        bytes.withUnsafeMutableBytes { wipe($0) }
        #expect(bytes == [0, 0, 0])
    }

    @Test("two draws of randomness differ")
    func random() throws {
        #expect(try SecretBytes.random(byteCount: 32) != SecretBytes.random(byteCount: 32))
        #expect(try SecureRandom.bytes(32) != SecureRandom.bytes(32))
        #expect(try SecureRandom.bytes(0) == [])
    }

    @Test("constant-time equality is equality")
    func constantTime() {
        #expect(constantTimeEqual([UInt8](), []))
        #expect(constantTimeEqual([1, 2], [1, 2]))
        #expect(!constantTimeEqual([1, 2], [1, 3]))
        #expect(!constantTimeEqual([1, 2], [1, 2, 3]))
    }
}
