import Testing
import VarveCrypto

@Suite struct SHA256Tests {
    static let vectors: [(message: [UInt8], digest: String)] = [
        ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            repeated(0x61, 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ]

    // By index, so that a million bytes stay out of the output.
    @Test("the vectors of FIPS 180 hold", arguments: vectors.indices)
    func published(index: Int) {
        let (message, digest) = Self.vectors[index]
        #expect(SHA256.digest(message) == vector(digest))
    }

    @Test("a message in pieces has the digest of the whole, and the context can be used again")
    func pieces() {
        var context = SHA256Context()
        for (message, digest) in Self.vectors {
            var output = repeated(0, 32)
            message.withUnsafeBytes { bytes in
                var rest = bytes[...]
                var step = 1
                while !rest.isEmpty {
                    context.update(UnsafeRawBufferPointer(rebasing: rest.prefix(step)))
                    rest = rest.dropFirst(step)
                    step += 17
                }
            }
            output.withUnsafeMutableBytes { context.finish(into: $0.baseAddress!) }
            #expect(output == vector(digest))
        }
    }

    @Test("a reset forgets the message so far")
    func reset() {
        var context = SHA256Context()
        var output = repeated(0, 32)
        repeated(1, 100).withUnsafeBytes { context.update($0) }
        context.reset()
        output.withUnsafeMutableBytes { context.finish(into: $0.baseAddress!) }
        #expect(output == SHA256.digest([UInt8]()))
    }
}
