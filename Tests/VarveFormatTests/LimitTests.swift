import TestSupport
import Testing
import VarveFormat

struct LimitTests {
    @Test("a parameter of the repository out of bounds is refused")
    func parameters() throws {
        var numbers = SeededNumbers(12)
        let valid = numbers.parameters()
        #expect(valid.isValid)
        let changes: [(inout RepositoryParameters) -> Void] = [
            { $0.chunkBytesAverage = 0 }, { $0.chunkBytesAverage = 65_537 },
            { $0.chunkBytesAverage = 8 << 20 }, { $0.chunkBytesAverage = 8 << 10 },
            { $0.frameBytes = 64 << 10 - 1 }, { $0.frameBytes = 16 << 20 + 1 },
            { $0.packBytes = 1 << 20 - 1 }, { $0.packBytes = 1 << 30 + 1 },
            { $0.gracePeriodSeconds = 1 << 32 + 1 },
        ]
        for change in changes {
            var parameters = valid
            change(&parameters)
            let record = numbers.record(.initialise(parameters))
            #expect(throws: FormatError.self) { try LogRecord(record.encoded) }
        }
    }

    @Test("a record of more than 256 KiB of event does not fit, one of more than 257 is refused")
    func record() throws {
        var numbers = SeededNumbers(13)
        func record(_ count: Int) -> LogRecord {
            numbers.record(.forget([SnapshotID](repeating: .zero, count: count)))
        }
        #expect(record(8191).fits)
        #expect(!record(8192).fits)
        _ = try LogRecord(record(8192).encoded)
        let tooLong = record(8300)
        #expect(throws: FormatError.self) { try LogRecord(tooLong.encoded) }
    }

    @Test("a key slot's cost is bounded before it is paid")
    func keySlot() throws {
        var numbers = SeededNumbers(14)
        func kdf(_ name: KeySlot.KDF.Name, _ n: Int, _ r: Int, _ p: Int) -> KeySlot.KDF {
            .init(name: name, n: n, r: r, p: p, salt: [UInt8](repeating: 0, count: 32))
        }
        let costs: [(Int, Int, Int)] = [
            (0, 8, 1), (1 << 9, 8, 1), (1 << 21, 8, 1), (1025, 8, 1), (1 << 20, 9, 1),
            (1 << 15, 0, 1), (1 << 15, 33, 1), (1 << 15, 8, 0), (1 << 15, 8, 17),
            (.max, .max, .max), (-1024, 8, 1),
        ]
        var slot = numbers.slot()
        slot.kind = .passphrase
        slot.kdf = kdf(.scrypt, 1 << 20, 8, 16)
        #expect(try KeySlot(json: slot.encoded()) == slot)
        for (n, r, p) in costs {
            slot.kdf = kdf(.scrypt, n, r, p)
            #expect(throws: FormatError.self) { try KeySlot(json: slot.encoded()) }
        }
        slot.kdf = kdf(.none, 0, 0, 0)
        #expect(throws: FormatError.self) { try KeySlot(json: slot.encoded()) }
        slot.kind = .keyFile
        #expect(try KeySlot(json: slot.encoded()) == slot)
        slot.label = "two\nlines"
        #expect(throws: FormatError.self) { try KeySlot(json: slot.encoded()) }
    }

    @Test("a slot of a later kind is passed over, one of a later version is refused")
    func laterSlot() throws {
        #expect(try KeySlot(json: Array(#"{"version":1,"kind":"kms","more":{}}"#.utf8)) == nil)
        #expect(throws: FormatError.self) {
            try KeySlot(json: Array(#"{"version":2,"kind":"passphrase"}"#.utf8))
        }
    }

    @Test("objects in the clear of more than 64 KiB are refused")
    func clearObjects() {
        let spaces = [UInt8](repeating: 0x20, count: 64 << 10)
        var numbers = SeededNumbers(15)
        let slot = numbers.slot().encoded() + spaces
        let descriptor =
            RepositoryDescriptor(repository: .zero, checksum: numbers.bytes(32)).encoded() + spaces
        #expect(throws: FormatError.self) { try KeySlot(json: slot) }
        #expect(throws: FormatError.self) { try RepositoryDescriptor(json: descriptor) }
    }

    @Test("a table of contents with a gap, an overlap or too many frames is refused")
    func table() {
        func refuses(_ table: TableOfContents) -> Bool {
            let bytes = written { table.encode(into: &$0) }
            return (try? ByteReader.decode(bytes, TableOfContents.init)) == nil
        }
        func table(_ places: [(Int, Int)], rawBytes: Int = 1, chunks: Int = 1) -> TableOfContents {
            TableOfContents(
                contents: .data,
                frames: places.map { offset, bytes in
                    .init(
                        offset: offset, bytes: bytes, tag: [UInt8](repeating: 0, count: 16),
                        codec: .zstd,
                        chunks: (0..<chunks).map { _ in
                            .init(id: .zero, rawBytes: rawBytes, features: nil)
                        })
                })
        }
        #expect(!refuses(table([(0, 100), (100, 90)])))
        #expect(refuses(table([(1, 100)])))
        #expect(refuses(table([(0, 100), (101, 90)])))
        #expect(refuses(table([(0, 100), (99, 90)])))
        #expect(refuses(table([(0, 79)])))
        #expect(refuses(table([(0, 41 << 20)])))
        #expect(refuses(table([(0, 100)], rawBytes: 16 << 20 + 1)))
        #expect(refuses(table([(0, 100)], rawBytes: 16 << 20, chunks: 3)))
        #expect(refuses(table([(0, 100)], chunks: 0)))
        let count = written { writer in
            writer.write(raw: [1, 0, 0, 0] as [UInt8])
            writer.write(UInt32.max)
        }
        #expect(throws: FormatError.self) { try ByteReader.decode(count, TableOfContents.init) }
    }

    @Test("a trailer's table lies within its pack")
    func trailer() {
        for (offset, bytes, pack) in [
            (0, 76, 100), (24, 52, 100), (200, 0, 100), (Int.max, 0, 100), (0, 100, 99),
            (1 << 33, 76, 1 << 33 + 100),
        ] {
            let encoded = PackTrailer(tableOffset: offset, tableBytes: bytes).encoded
            let fits = (offset, bytes) == (0, 76) || (offset, bytes) == (24, 52)
            #expect(((try? PackTrailer(encoded, packBytes: pack)) != nil) == fits)
        }
    }

    @Test("a key slot's id of more than 16 bytes is refused")
    func slotReference() throws {
        var numbers = SeededNumbers(16)
        var bytes = numbers.record(.revive([ObjectReference(numbers.short() as SlotID)])).encoded
        _ = try LogRecord(bytes)
        bytes[bytes.count - 16] = 1
        #expect(throws: FormatError.self) { try LogRecord(bytes) }
    }
}
