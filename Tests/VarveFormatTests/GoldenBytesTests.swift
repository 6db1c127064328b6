import TestSupport
import Testing
import VarveFormat

/// Bytes that were worked out by hand from `docs/FORMAT.md`.
struct GoldenBytesTests {
    private func repeated(_ pair: String, _ count: Int) -> String {
        String(repeating: pair, count: count)
    }

    private func bytes(_ parts: [String]) throws -> [UInt8] {
        let hex = parts.joined().filter { $0 != " " }
        return try #require(Hex.decode(hex))
    }

    private func id<Kind>(_ pair: String) throws -> Identifier<Kind> {
        try #require(Identifier(hex: repeated(pair, 32)))
    }

    @Test("a node record")
    func node() throws {
        var node = Node(kind: .file, name: Array("a".utf8))
        node.mode = 0o644
        node.gid = 1000
        node.user = Array("u".utf8)
        node.modified = 1
        node.content = Content(
            size: 5, depth: 0, entries: [Content.Entry(id: try id("11"), bytes: 5)])
        node.attributes = [.init(name: Array("user.k".utf8), value: Array("v".utf8))]
        let golden = try bytes([
            "42", "02", "0161", "a403", "00", "e807", "0175", "00", "0100000000000000",
            "0123", "05 00 01", repeated("11", 32), "0508", "06 757365722e6b", "76",
        ])
        #expect(written { node.encode(into: &$0) } == golden)
        #expect(try ByteReader.decode(golden, Node.init) == node)
    }

    @Test("a frame's directory")
    func frame() throws {
        let directory = FrameDirectory(
            codec: .delta,
            chunks: [.init(rawBytes: 65_536, storedBytes: 3, base: try id("22"))])
        let golden = try bytes([
            "02 00 0000", "01000000", "00000100", "03000000", repeated("22", 32),
        ])
        #expect(written { directory.encode(into: &$0) } == golden)
        let decoded = try ByteReader.decode(golden + [1, 2, 3]) { reader throws(FormatError) in
            let directory = try FrameDirectory(&reader)
            _ = try reader.take(3)
            return directory
        }
        #expect(decoded == directory)
    }

    @Test("a log record that forgets")
    func forget() throws {
        let record = LogRecord(
            nonce: Array(0..<16), previous: try id("33"), clock: -2, event: .forget([try id("44")]))
        let golden = try bytes([
            "04", "000102030405060708090a0b0c0d0e0f", repeated("33", 32), "feffffffffffffff",
            "01", repeated("44", 32),
        ])
        #expect(record.encoded == golden)
        #expect(try LogRecord(golden) == record)
    }

    @Test("a log record that commits")
    func commit() throws {
        let summary = SnapshotSummary(
            time: 256, host: "h", user: "u", sources: ["/s"], tags: [], description: "d",
            isIncomplete: true, files: 1, directories: 2, bytes: 300, chunksNew: 4, bytesNew: 5,
            bytesStored: 6, errors: 7, durationNanoseconds: 8)
        let commit = Commit(
            snapshot: try id("51"), manifest: try id("52"), segments: [try id("53")],
            summary: summary, firstHold: 128)
        let record = LogRecord(
            nonce: [UInt8](repeating: 0xee, count: 16), previous: .zero, clock: 9,
            event: .commit(commit))
        let golden = try bytes([
            "01", repeated("ee", 16), repeated("00", 32), "0900000000000000",
            repeated("51", 32), repeated("52", 32), "01", repeated("53", 32),
            "0001000000000000", "0168", "0175", "01 022f73", "00", "0164", "01",
            "01 02 ac02 04 05 06 07", "0800000000000000", "8001",
        ])
        #expect(record.encoded == golden)
        #expect(try LogRecord(golden) == record)
    }

    @Test("a descriptor, and the text of its checksum")
    func descriptor() throws {
        let descriptor = RepositoryDescriptor(
            repository: try id("ab"), checksum: [UInt8](repeating: 0xcd, count: 32))
        let golden = [
            #"{"format":"varve","version":1,"repository":""#, repeated("ab", 32),
            #"","checksum":""#, repeated("cd", 32), #""}"#,
        ]
        #expect(descriptor.encoded() == Array(golden.joined().utf8))
        #expect(descriptor.checksumText == "varve\n1\n" + repeated("ab", 32))
    }

    @Test("the text of a key slot's checksum")
    func slot() throws {
        let slot = KeySlot(
            kind: .keyFile, id: try #require(SlotID(hex: repeated("01", 16))),
            repository: try id("02"), created: "now", label: "",
            kdf: .init(name: .none, n: 0, r: 0, p: 0, salt: [UInt8](repeating: 3, count: 32)),
            keyCheck: [UInt8](repeating: 4, count: 32),
            sealedKey: [UInt8](repeating: 5, count: 48))
        let golden = [
            "key-file", repeated("01", 16), repeated("02", 32), "now", "", "none", "0", "0", "0",
            repeated("03", 32), repeated("04", 32), repeated("05", 48),
        ]
        #expect(slot.checksumText == golden.joined(separator: "\n"))
    }
}
