import Testing
import VarveCodec
import VarveCrypto
import VarveFormat

@Suite("A key file")
struct KeyFileTests {
    private let secret: SecretBytes
    private let text: [UInt8]

    init() throws {
        secret = try SecretBytes.random(byteCount: 32)
        text = KeyFile.text(secret, comment: ["the key of a test", "keep a copy elsewhere"])
    }

    private func bytes(_ secret: SecretBytes?) -> [UInt8]? {
        secret.map { $0.withUnsafeBytes { Array($0) } }
    }

    @Test("gives back its secret, also with other comments, line ends and blank lines")
    func reading() throws {
        #expect(bytes(KeyFile.secret(of: text)) == bytes(secret))
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        let last = try #require(lines.last)
        for other in ["\(last)", "\r\n# x\r\n\(last)\r\n \n", "\n\n\(last)\n# behind\n"] {
            #expect(bytes(KeyFile.secret(of: Array(other.utf8))) == bytes(secret))
        }
    }

    @Test("with one mistyped character of its key line gives nothing")
    func mistyped() throws {
        let start = try #require(text.lastIndex(of: UInt8(ascii: "\n"), before: text.count - 1)) + 1
        for place in start..<text.count - 1 {
            for wrong in [UInt8(ascii: "0"), UInt8(ascii: "f"), UInt8(ascii: ":"), 0xff] {
                var changed = text
                guard changed[place] != wrong else { continue }
                changed[place] = wrong
                #expect(KeyFile.secret(of: changed) == nil, "byte \(place)")
            }
        }
    }

    @Test("that is empty, cut, doubled or something else gives nothing")
    func others() throws {
        let line = text.suffix(
            from: try #require(
                text.lastIndex(of: UInt8(ascii: "\n"), before: text.count - 1)) + 1)
        #expect(KeyFile.secret(of: []) == nil)
        #expect(KeyFile.secret(of: Array("# only a comment\n".utf8)) == nil)
        #expect(KeyFile.secret(of: text + Array(line)) == nil)
        #expect(KeyFile.secret(of: [UInt8](repeating: 0xff, count: 500)) == nil)
        for count in 1..<line.count - 1 {
            #expect(KeyFile.secret(of: Array(line.prefix(count))) == nil)
        }
    }

    @Test("is text of a bounded length")
    func length() {
        #expect(text.count < KeyFile.bytesMax)
        #expect(text.allSatisfy { $0 == 10 || (0x20..<0x7f).contains($0) })
    }
}

extension [UInt8] {
    fileprivate func lastIndex(of byte: UInt8, before end: Int) -> Int? {
        self[..<end].lastIndex(of: byte)
    }
}
