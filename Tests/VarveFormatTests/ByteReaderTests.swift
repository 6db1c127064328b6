import TestSupport
import Testing
import VarveFormat

struct ByteReaderTests {
    private func varint(_ bytes: [UInt8]) throws -> UInt64 {
        try ByteReader.decode(bytes) { reader throws(FormatError) in try reader.varint() }
    }

    @Test("a varint has one encoding")
    func varints() throws {
        let known: [(UInt64, [UInt8])] = [
            (0, [0]), (127, [0x7f]), (128, [0x80, 1]), (300, [0xac, 2]),
            (1 << 14, [0x80, 0x80, 1]),
            (.max, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
        ]
        for (value, bytes) in known {
            #expect(written { $0.write(varint: value) } == bytes)
            #expect(try varint(bytes) == value)
        }
        let nine = [UInt8](repeating: 0xff, count: 9)
        for wrong in [
            [], [0x80], [0x80, 0], [0xff, 0x80, 0], nine + [2], nine + [0x81, 0], nine,
        ] {
            #expect(throws: FormatError.self, "\(wrong)") { try varint(wrong) }
        }
    }

    @Test("a number that no Int holds is refused")
    func numbers() throws {
        func number(_ value: UInt64, _ limit: Int) throws -> Int {
            let bytes = written { $0.write(varint: value) }
            return try ByteReader.decode(bytes) { reader throws(FormatError) in
                try reader.number(atMost: limit)
            }
        }
        #expect(try number(UInt64(Int.max), .max) == .max)
        #expect(throws: FormatError.self) { try number(UInt64(Int.max) + 1, .max) }
        #expect(try number(5, 5) == 5)
        #expect(throws: FormatError.self) { try number(6, 5) }
    }

    @Test("a count above what the bytes can hold is refused")
    func counts() throws {
        let bytes = written { $0.write(varint: 3) } + [UInt8](repeating: 0, count: 95)
        func ids(_ bytes: [UInt8]) throws -> [ChunkID] {
            try ByteReader.decode(bytes) { reader throws(FormatError) in try reader.ids() }
        }
        #expect(throws: FormatError.truncated) { try ids(bytes) }
        #expect(try ids(bytes + [0]) == [.zero, .zero, .zero])
        #expect(throws: FormatError.self) { try ids(bytes + [0, 0]) }
        let vast = written { $0.write(varint: UInt64(Int.max)) }
        #expect(throws: FormatError.self) { try ids(vast + bytes) }
    }

    @Test("text that is not UTF-8, a flag above 1 and a reserved field in use are refused")
    func fields() throws {
        func decode<Value>(
            _ bytes: [UInt8], _ body: (inout ByteReader) throws(FormatError) -> Value
        ) throws -> Value { try ByteReader.decode(bytes, body) }
        #expect(try decode([2, 0xc3, 0xa9]) { r throws(FormatError) in try r.text() } == "é")
        #expect(throws: FormatError.self) {
            try decode([1, 0xff]) { reader throws(FormatError) in try reader.text() }
        }
        #expect(throws: FormatError.self) {
            try decode([2]) { reader throws(FormatError) in try reader.flag() }
        }
        #expect(throws: FormatError.self) {
            try decode([0, 1]) { reader throws(FormatError) in try reader.zero(UInt16.self) }
        }
    }

    @Test("hexadecimal is lower-case and of the length that is meant")
    func hexadecimal() {
        let id = String(repeating: "0a", count: 32)
        #expect(ChunkID(hex: id)?.hex == id)
        for wrong in [id.uppercased(), String(id.dropLast()), id + "00", "g" + id.dropFirst()] {
            #expect(ChunkID(hex: wrong) == nil)
        }
        #expect(ChunkID.zero.bytes == [UInt8](repeating: 0, count: 32))
    }

    @Test("a record's name is its number in 20 digits, and nothing else is one")
    func recordNames() {
        for number in [0, 64, .max] as [UInt64] {
            #expect(ObjectName.recordNumber(ObjectName.record(number)) == number)
        }
        #expect(ObjectName.record(64) == "log/00000000000000000064")
        for wrong in ["log/64", "log/99999999999999999999", "log/0000000000000000006x", "state/1"] {
            #expect(ObjectName.recordNumber(wrong) == nil)
        }
    }

    @Test("an object is named by its kind and id")
    func objectNames() throws {
        let hex = String(repeating: "ab", count: 32)
        let slot = try #require(SlotID(hex: String(repeating: "cd", count: 16)))
        let pack = try #require(PackID(hex: hex))
        #expect(ObjectReference(pack, .data).name == "packs/data/ab/" + hex)
        #expect(ObjectReference(pack, .metadata).name == "packs/meta/ab/" + hex)
        #expect(ObjectReference(pack, .data).pack == pack)
        #expect(ObjectReference(slot).name == ObjectName.slot(slot))
        let segment = try #require(SegmentID(hex: hex))
        #expect(ObjectReference(segment).name == "index/" + hex)
        #expect(ObjectReference(segment).segment == segment)
        #expect(ObjectReference(segment).pack == nil)
    }
}
