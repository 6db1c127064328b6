import TestSupport
import Testing
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage

@testable import varve

@Suite("Stored objects as text")
struct DescribingTests {
    private let scratch: ScratchDirectory
    private let storage = MemoryStorage()
    private let repository: Repository
    private let secret: SecretBytes

    init() throws {
        scratch = try ScratchDirectory()
        let secret = try SecretBytes.random(byteCount: 32)
        self.secret = secret
        repository = try Repository.create(
            in: storage, options: CreationOptions(),
            directories: LocalDirectories(cache: scratch.path, state: nil)
        ) { _ in .keyFile(secret) }
    }

    /// The only object below a prefix.
    private func name(_ prefix: String) throws -> String {
        try #require(try storage.list(prefix).map(\.name).first { !$0.hasSuffix(".copy") })
    }

    private func text(_ object: String, details: Bool = false) throws -> String {
        let choice = try #require(ObjectChoice(object))
        return try repository.describe(choice, details: details).line
    }

    @Test("every object of a new repository can be looked at")
    func objects() throws {
        #expect(try text("varve.json").contains(repository.id.hex))
        #expect(try text("0").contains(#""init":{"keyring_object":"#))
        #expect(try text("log/0") == text("record 0"))
        #expect(try text("state").contains(#""chunk_bytes_average":65536"#))
        #expect(try text(name(ObjectName.slots)).contains(#""kind":"key-file""#))
        #expect(try text(name(ObjectName.keyrings)).contains(#""in_force":true"#))
    }

    @Test("an id may be cut short, and what is not there is said")
    func prefixes() throws {
        let keyring = try name(ObjectName.keyrings)
        #expect(try text(String(keyring.prefix(15))) == text(keyring))
        for object in [
            "99", "log/9", "index/000000000000", "snapshot 000000000000", "packs/000000000000",
        ] {
            #expect(throws: RepositoryError.self) { try text(object) }
        }
        let unknown = "chunk " + String(repeating: "0", count: 64)
        #expect(throws: RepositoryError.notFound("there is no \(unknown)")) { try text(unknown) }
    }

    @Test("no key material is ever shown")
    func secrets() throws {
        let objects = [try name(ObjectName.slots), try name(ObjectName.keyrings), "0", "state"]
        let shown = try objects.map { try text($0, details: true) }.joined()
        let key = secret.withUnsafeBytes { Hex.encode($0) }
        #expect(!shown.contains(key))
        #expect(!shown.contains("secret") && !shown.contains("sealed"))
    }
}
