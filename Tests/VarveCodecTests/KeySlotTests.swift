import Testing
import VarveCodec
import VarveCrypto
import VarveFormat

@Suite("A key slot")
struct KeySlotTests {
    private let key: SecretBytes
    private let secret: SlotSecret
    private let slot: KeySlot

    init() throws {
        key = try SecretBytes.random(byteCount: 32)
        secret = .keyFile(try SecretBytes.random(byteCount: 32))
        let repository = try #require(RepositoryID(try SecureRandom.bytes(32)))
        slot = try KeySlot.sealing(
            key, under: secret, repository: repository, label: "a \"label\"",
            created: "2025-01-01T00:00:00Z")
    }

    private func bytes(_ secret: SecretBytes) -> [UInt8] { secret.withUnsafeBytes { Array($0) } }

    @Test("gives back the key to its own secret, also after it was stored")
    func opening() throws {
        let stored = try #require(try KeySlot(json: slot.encoded()))
        #expect(stored == slot)
        #expect(stored.isWhole)
        #expect(bytes(try stored.open(with: secret)) == bytes(key))
    }

    @Test("tells a wrong key file and a passphrase from damage")
    func wrong() throws {
        let other = SlotSecret.keyFile(try SecretBytes.random(byteCount: 32))
        #expect(throws: SlotError.wrongKey) { try slot.open(with: other) }
        let words = SlotSecret.passphrase(SecretBytes(copying: Array("words".utf8)))
        #expect(throws: SlotError.wrongKey) { try slot.open(with: words) }
    }

    @Test("of a passphrase opens with that one only, byte for byte")
    func passphrase() throws {
        let words = SlotSecret.passphrase(SecretBytes(copying: Array("pässword".utf8)))
        let slot = try KeySlot.sealing(
            key, under: words, repository: slot.repository, label: "", created: "")
        #expect(slot.kdf.name == .scrypt && slot.kdf.isValid)
        #expect(bytes(try slot.open(with: words)) == bytes(key))
        let other = SlotSecret.passphrase(SecretBytes(copying: Array("password".utf8)))
        #expect(throws: SlotError.wrongKey) { try slot.open(with: other) }
    }

    @Test("is damaged when any of its fields was changed, though its secret is right")
    func damage() throws {
        let changes: [(inout KeySlot) throws -> Void] = [
            { $0.created += " " }, { $0.label = "" }, { $0.sealedKey[3] ^= 1 },
            { $0.keyCheck[0] ^= 1 }, { $0.kdf.salt[31] ^= 1 }, { $0.checksum[0] ^= 1 },
            { $0.repository = try #require(RepositoryID(try SecureRandom.bytes(32))) },
            { $0.id = try #require(SlotID(try SecureRandom.bytes(16))) },
        ]
        for (number, change) in changes.enumerated() {
            var changed = slot
            try change(&changed)
            #expect(!changed.isWhole, "change \(number)")
            do {
                _ = try changed.open(with: secret)
                Issue.record("change \(number) opened")
            } catch {
                guard case .damaged = error else {
                    Issue.record("change \(number): \(error)")
                    continue
                }
            }
        }
    }

    @Test("that was forged with a right checksum still does not give another key")
    func forgery() throws {
        var forged = slot
        forged.repository = try #require(RepositoryID(try SecureRandom.bytes(32)))
        forged.checksum = SHA256.digest(Array(forged.checksumText.utf8))
        #expect(forged.isWhole)
        #expect(throws: SlotError.self) { try forged.open(with: secret) }
        var tampered = slot
        tampered.sealedKey[5] ^= 1
        tampered.checksum = SHA256.digest(Array(tampered.checksumText.utf8))
        #expect(throws: SlotError.self) { try tampered.open(with: secret) }
    }

    @Test("never states the key or the secret")
    func secrecy() throws {
        let text = String(decoding: slot.encoded(), as: UTF8.self)
        guard case .keyFile(let file) = secret else { return }
        #expect(!text.contains(Hex.encode(bytes(key))))
        #expect(!text.contains(Hex.encode(bytes(file))))
    }
}
