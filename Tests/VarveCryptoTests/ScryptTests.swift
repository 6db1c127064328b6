import Testing
import VarveCrypto

@Suite struct ScryptTests {
    private func derive(
        _ passphrase: String, _ salt: String, n: Int, r: Int, p: Int, byteCount: Int = 64
    ) throws -> [UInt8] {
        try Array(passphrase.utf8).withUnsafeBytes { passphrase in
            try Scrypt.derive(
                passphrase: passphrase, salt: Array(salt.utf8), n: n, r: r, p: p,
                byteCount: byteCount
            ).withUnsafeBytes { Array($0) }
        }
    }

    @Test("the scrypt vectors of RFC 7914 hold")
    func published() throws {
        #expect(
            try derive("", "", n: 16, r: 1, p: 1)
                == vector(
                    "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                        + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"))
        #expect(
            try derive("password", "NaCl", n: 1024, r: 8, p: 16)
                == vector(
                    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                        + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"))
        #expect(
            try derive("pleaseletmein", "SodiumChloride", n: 16384, r: 8, p: 1)
                == vector(
                    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                        + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"))
    }

    @Test(
        "costs out of bounds are refused before anything is allocated",
        arguments: [
            (0, 8, 1), (1, 8, 1), (3, 8, 1), (-16, 8, 1), (1 << 21, 1, 1), (1 << 20, 16, 1),
            (16, 0, 1), (16, 33, 1), (16, 8, 0), (16, 8, 17), (Int.max, 8, 1), (16, Int.max, 1),
            (Int.min, Int.min, Int.min),
        ])
    func bounds(n: Int, r: Int, p: Int) {
        #expect(throws: CryptoError.unacceptableParameters) {
            try derive("secret", "salt", n: n, r: r, p: p)
        }
    }

    @Test("the largest acceptable cost is one gibibyte")
    func largest() {
        #expect(ScryptParameters(n: 1 << 20, r: 8, p: 1) != nil)
        #expect(ScryptParameters(n: 1 << 18, r: 32, p: 16) != nil)
        #expect(ScryptParameters(n: 1 << 19, r: 32, p: 1) == nil)
    }

    @Test("what libcrypto refuses is an error", arguments: [0, 1025, -1])
    func length(byteCount: Int) {
        #expect(throws: CryptoError.self) {
            try derive("secret", "salt", n: 16, r: 1, p: 1, byteCount: byteCount)
        }
        // RFC 7914 bounds n by 2^(128 * r / 8).
        #expect(throws: CryptoError.self) { try derive("secret", "salt", n: 1 << 16, r: 1, p: 1) }
    }
}
