import Testing
import VarveCodec
import VarveCrypto
import VarveFormat

@Suite("A sealed unit")
struct SealingTests {
    private let repository: RepositoryID
    private let keyring: Keyring
    private let body = Array("the body of a unit".utf8)

    init() throws {
        repository = try #require(RepositoryID(try SecureRandom.bytes(32)))
        keyring = try Self.keyring()
    }

    private static func keyring(epochs: Int = 1) throws -> Keyring {
        Keyring(
            id: try #require(KeyringID(try SecureRandom.bytes(16))),
            chunkerSecret: try SecureRandom.bytes(32),
            epochs: try (0..<epochs).map {
                Keyring.Epoch(created: Int64($0), rootKey: try SecureRandom.bytes(32))
            })
    }

    private func place(_ kind: UnitKind, _ number: UInt64 = 7) -> LogPlace? {
        [.record, .state].contains(kind) ? LogPlace(repository: repository, number: number) : nil
    }

    @Test("opens as its own kind and as no other", arguments: UnitKind.allCases)
    func kinds(kind: UnitKind) throws {
        var sealer = try UnitSealer(SealingKeys(keyring))
        let unit = try sealer.seal(kind, body: body, place: place(kind))
        #expect(try sealer.open(kind, unit, place: place(kind)) == body)
        for other in UnitKind.allCases where other != kind {
            #expect(throws: SealError.self) {
                try sealer.open(other, unit, place: place(kind))
            }
            // Nor when the header is made to say so.
            var changed = unit
            changed[5] = other.rawValue
            #expect(throws: SealError.self) {
                try sealer.open(other, changed, place: place(kind))
            }
        }
    }

    @Test("does not open with another keyring, even one with the same root keys")
    func keyrings() throws {
        var sealer = try UnitSealer(SealingKeys(keyring))
        let unit = try sealer.seal(.manifest, body: body)
        let epoch = try SealingKeys(keyring).current
        var stranger = try UnitSealer(SealingKeys(try Self.keyring()))
        #expect(throws: SealError.unknownEpoch(epoch)) { try stranger.open(.manifest, unit) }
        var sameKeys = keyring
        sameKeys.id = try #require(KeyringID(try SecureRandom.bytes(16)))
        var sibling = try UnitSealer(SealingKeys(sameKeys))
        #expect(throws: SealError.self) { try sibling.open(.manifest, unit) }
    }

    @Test("opens after a rotation, and the newest epoch seals")
    func rotation() throws {
        var sealer = try UnitSealer(SealingKeys(keyring))
        let unit = try sealer.seal(.segment, body: body)
        var rotated = keyring
        rotated.epochs.append(.init(created: 9, rootKey: try SecureRandom.bytes(32)))
        let keys = try SealingKeys(rotated)
        var newer = try UnitSealer(keys)
        #expect(try newer.open(.segment, unit) == body)
        let next = try newer.seal(.segment, body: body)
        #expect(throws: SealError.unknownEpoch(keys.current)) { try sealer.open(.segment, next) }
    }

    @Test("of the log opens at its own number of its own repository only")
    func places() throws {
        var sealer = try UnitSealer(SealingKeys(keyring))
        for kind in [UnitKind.record, .state] {
            let unit = try sealer.seal(kind, body: body, place: place(kind))
            #expect(throws: SealError.self) { try sealer.open(kind, unit, place: place(kind, 8)) }
            #expect(throws: SealError.self) { try sealer.open(kind, unit) }
            let other = try #require(RepositoryID(try SecureRandom.bytes(32)))
            #expect(throws: SealError.self) {
                try sealer.open(kind, unit, place: LogPlace(repository: other, number: 7))
            }
        }
    }

    @Test("does not open with any bit flipped, nor cut, nor with bytes behind it")
    func tampering() throws {
        var sealer = try UnitSealer(SealingKeys(keyring))
        let unit = try sealer.seal(.manifest, body: body)
        for bit in 0..<unit.count * 8 {
            var changed = unit
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: SealError.self, "bit \(bit)") { try sealer.open(.manifest, changed) }
        }
        for count in 0..<unit.count {
            #expect(throws: SealError.self) {
                try sealer.open(.manifest, Array(unit[..<count]))
            }
        }
        #expect(throws: SealError.self) { try sealer.open(.manifest, unit + [0]) }
    }

    @Test("is never the same twice, and says nothing of its body")
    func salts() throws {
        var sealer = try UnitSealer(SealingKeys(keyring))
        let units = try (0..<20).map { _ in try sealer.seal(.manifest, body: body) }
        #expect(Set(units.map { Array($0[32..<64]) }).count == 20)
        #expect(Set(units.map { Array($0[64...]) }).count == 20)
    }

    @Test("may be empty, and is refused above the limit of its kind")
    func lengths() throws {
        var sealer = try UnitSealer(SealingKeys(keyring))
        let empty = try sealer.seal(.manifest, body: [])
        #expect(empty.count == UnitHeader.overhead)
        #expect(try sealer.open(.manifest, empty) == [])
        let long = [UInt8](repeating: 0, count: UnitKind.record.bodyLimit + 1)
        #expect(throws: CryptoError.self) {
            try sealer.seal(.record, body: long, place: place(.record))
        }
    }
}
