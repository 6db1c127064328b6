import TestSupport
import Testing
import VarveFormat

@testable import VarveArchive

@Suite("The bytes of a tar archive")
struct TarEncodingTests {
    private func text(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    @Test("a header has each field at its place")
    func header() {
        var header = TarHeader(kind: .file, name: Array("a".utf8))
        (header.mode, header.uid, header.gid) = (0o4755, 1, 0o1750)
        (header.size, header.modified) = (0o12345, 1)
        (header.user, header.group) = (Array("root".utf8), Array("users".utf8))
        var bytes: [UInt8] = []
        header.encode(into: &bytes)
        #expect(bytes.count == 512)
        #expect(text(bytes[0..<2]) == "a\0")
        #expect(
            text(bytes[100..<157])
                == "0004755\u{0}0000001\u{0}0001750\u{0}00000012345\u{0}00000000001\u{0}"
                + "011371\u{0} 0")
        #expect(text(bytes[257..<270]) == "ustar\u{0}00root\u{0}")
        #expect(text(bytes[297..<303]) == "users\u{0}")
        #expect(text(bytes[329..<345]) == "0000000\u{0}0000000\u{0}")
        // The sum that a reader makes, with spaces in the place of the checksum.
        let sum = bytes.reduce(0) { $0 + Int($1) } - bytes[148..<156].reduce(0) { $0 + Int($1) }
        #expect(Int(text(bytes[148..<154]), radix: 8) == sum + 8 * 32)
    }

    @Test("numbers that do not fit are left to records")
    func numbers() {
        var node = Node(kind: .file, name: Array("a".utf8))
        (node.uid, node.gid, node.content) = (1 << 21, UInt32.max, .empty)
        node.content?.size = 8 << 30
        node.modified = -1
        var bytes: [UInt8] = []
        TarEntry(node, path: node.name).encode(into: &bytes)
        #expect(bytes.count == 3 * 512)
        let records =
            "19 size=8589934592\n15 uid=2097152\n18 gid=4294967295\n22 mtime=-0.000000001\n"
        #expect(text(bytes[512...].prefix(records.utf8.count)) == records)
        #expect(text(bytes[1024 + 108..<1024 + 148].filter { $0 != 0 }).allSatisfy { $0 == "0" })
    }

    @Test("the length of a record counts its own digits")
    func records() {
        for count in [0, 1, 3, 4, 5, 88, 89, 90, 91, 985, 986, 987, 988, 100_000] {
            var records = PaxRecords()
            records.add("k", [UInt8](repeating: 0x0a, count: count))
            #expect(text(records.bytes.prefix { $0 != 0x20 }) == "\(records.bytes.count)")
        }
    }

    @Test(
        "times are decimal seconds",
        arguments: [
            (0, "0"), (1, "0.000000001"), (-1, "-0.000000001"), (1_500_000_000, "1.5"),
            (-1_500_000_000, "-1.5"), (-2_000_000_000, "-2"),
            (Int64.max, "9223372036.854775807"), (Int64.min, "-9223372036.854775808"),
        ] as [(Int64, String)])
    func times(nanoseconds: Int64, expected: String) {
        var records = PaxRecords()
        records.add("mtime", nanoseconds: nanoseconds)
        #expect(text(records.bytes.dropLast()).hasSuffix("mtime=" + expected))
    }

    @Test("an ACL becomes text, and what is none does not")
    func acls() {
        #expect(
            ACLText.text(of: SampleTree.access).map(text)
                == "user::rwx,user:4321:r-x,group::r-x,group:5432:r--,mask::r-x,other::---")
        #expect(ACLText.text(of: []) == nil)
        #expect(ACLText.text(of: [1, 0, 0, 0] + SampleTree.access.dropFirst(4)) == nil)
        #expect(ACLText.text(of: Array(SampleTree.access.dropLast())) == nil)
        #expect(ACLText.text(of: [2, 0, 0, 0, 3, 0, 7, 0, 0, 0, 0, 0]) == nil)
        #expect(ACLText.text(of: [2, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0, 0]) == nil)
    }

    @Test("names of attributes keep signs that divide records")
    func attributeNames() {
        var records = PaxRecords()
        records.add(attribute: Array("user.a=b%c".utf8), [1])
        #expect(text(records.bytes) == "33 SCHILY.xattr.user.a%3Db%25c=\u{1}\n")
    }

    private func sparse(_ holes: [(Int, Int)], dataBytes: Int) -> SparseMap {
        var node = Node(kind: .file, name: [0x61])
        node.content = Content(size: dataBytes, depth: 0, entries: [])
        node.holes = holes.map { .init(dataBytes: $0.0, holeBytes: $0.1) }
        return SparseMap(of: node)
    }

    @Test("a map of holes has stretches of whole blocks, and an empty one at the end of a hole")
    func maps() {
        let map = sparse([(1_000, 10_000), (512, 100), (0, 5_000)], dataBytes: 1_600)
        #expect(map.size == 16_700)
        #expect(
            map.regions == [
                .init(offset: 0, count: 1_024, runs: [.init(zeroBytes: 0, dataBytes: 1_000)]),
                .init(
                    offset: 10_752, count: 1_024, runs: [.init(zeroBytes: 248, dataBytes: 512)]),
                .init(offset: 16_384, count: 316, runs: [.init(zeroBytes: 228, dataBytes: 88)]),
            ])
        #expect(text(map.encoded).hasPrefix("3\n0\n1024\n10752\n1024\n16384\n316\n\0"))
        #expect(map.encoded.count == 512)
        #expect(
            sparse([(0, 777)], dataBytes: 0).regions == [.init(offset: 777, count: 0, runs: [])])
        let close = sparse([(100, 100)], dataBytes: 200)
        #expect(
            close.regions == [
                .init(
                    offset: 0, count: 300,
                    runs: [
                        .init(zeroBytes: 0, dataBytes: 100), .init(zeroBytes: 100, dataBytes: 100),
                    ])
            ])
    }

    @Test("whatever the holes, a map's stretches hold all data in order, in whole blocks")
    func randomMaps() {
        var numbers = SeededNumbers(1)
        for _ in 0..<300 {
            var (holes, dataBytes): ([(Int, Int)], Int) = ([], 0)
            for _ in 0..<numbers.number(1...6) {
                holes.append((numbers.number(0...1_500), numbers.number(1...2_000)))
                dataBytes += holes.last?.0 ?? 0
            }
            dataBytes += numbers.number(0...1_500)
            let map = sparse(holes, dataBytes: dataBytes)
            var (wanted, offset, rest) = ([Range<Int>](), 0, dataBytes)
            for (data, hole) in holes + [(rest - holes.reduce(0) { $0 + $1.0 }, 0)] {
                if data > 0 { wanted.append(offset..<offset + data) }
                offset += data + hole
                rest -= data
            }
            var found: [Range<Int>] = []
            for region in map.regions {
                var at = region.offset
                for run in region.runs {
                    at += run.zeroBytes
                    found.append(at..<at + run.dataBytes)
                    at += run.dataBytes
                }
                #expect(at <= region.offset + region.count)
                #expect(region.offset + region.count <= map.size)
            }
            #expect(found == wanted.filter { !$0.isEmpty })
            #expect(map.regions.dropLast().allSatisfy { $0.count.isMultiple(of: 512) })
            for (one, next) in zip(map.regions, map.regions.dropFirst()) {
                #expect(one.offset + one.count < next.offset || next.count == 0)
            }
        }
    }
}
