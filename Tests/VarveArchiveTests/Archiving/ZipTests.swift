import TestSupport
import Testing
import VarveFormat
import VarveSystem

@testable import VarveArchive

@Suite("A zip archive")
struct ZipTests {
    let bench: ArchiveBench
    let tree: SampleTree

    init() throws {
        bench = try ArchiveBench()
        tree = try bench.storeSample()
    }

    /// The tree without what zip does not hold.
    private func expected() throws -> EveryAttribute {
        var tree = try EveryAttribute(below: tree.path)
        for path in [".", "pipe", "sticky/pipe", "device"] { tree.forget(entry: Array(path.utf8)) }
        return Self.common(tree)
    }

    /// Of times whole seconds are kept, from 1901 to 2038; of a link none comes back.
    private static func common(_ tree: EveryAttribute) -> EveryAttribute {
        var tree = tree
        tree.forget(
            "sparse", "first name", "user.empty", "user.bytes", "user.long", "user.d", "device",
            "system.posix_acl_access", "system.posix_acl_default")
        tree.forget(entry: Array(".".utf8))
        tree.keepSeconds()
        for path in tree.entries.keys where tree.entries[path]?["kind"] == "symlink" {
            tree.forget("time", "mode", of: String(decoding: path, as: UTF8.self))
        }
        for name in ["late", "before", SampleTree.fraction] { tree.forget("time", of: name) }
        return tree
    }

    @Test("is read back by unzip, with modes, owners and seconds")
    func unzip() throws {
        let target = try bench.directory()
        let archive = try bench.archive("tree", as: .zip)
        let test = try ArchiveBench.run("unzip", "-tq", archive)
        #expect(test.status.isSuccess, "\(test.output)\(test.errors)")
        let run = try ArchiveBench.run("unzip", "-q", "-K", "-X", "-^", archive, "-d", target)
        #expect(run.status.isSuccess, "\(run.output)\(run.errors)")
        var (found, expected) = (Self.common(try EveryAttribute(below: target)), try expected())
        // What the name becomes that is not UTF-8 is unzip's affair.
        expected.forget(entry: SampleTree.notText)
        for path in found.entries.keys where expected.entries[path] == nil && path[0] == 0x6e {
            #expect(found.entries[path]?["size"] == "78")
            found.forget(entry: path)
        }
        let differences = found.differences(from: expected)
        #expect(differences == [])
    }

    @Test("says what it cannot hold")
    func notes() throws {
        _ = try bench.archive("tree", as: .zip)
        let noted = bench.noted
        #expect(noted.contains("pipe: a fifo is left out: zip keeps none"))
        #expect(
            noted.contains {
                $0.hasPrefix(RawText.text(SampleTree.notText) + ": its name is not UTF-8")
            })
        #expect(noted.contains("zip: hard links are lost: 4 names became files of their own"))
        #expect(noted.contains { $0.hasPrefix("zip: extended attributes and ACLs are lost") })
    }

    @Test("is read back by Python, and stores what does not compress as it is")
    func python() throws {
        let archive = try bench.archive("tree", as: .zip)
        let script = """
            import sys, zipfile
            archive = zipfile.ZipFile(sys.argv[1])
            assert archive.testzip() is None
            for one in archive.infolist():
                print(repr(one.filename), one.file_size, one.compress_size, oct(one.external_attr >> 16))
            """
        let run = try ArchiveBench.run("python3", "-c", script, archive)
        #expect(run.status.isSuccess, "\(run.errors)")
        let lines = Set(run.output.split(separator: "\n").map(String.init))
        #expect(lines.contains { $0.hasPrefix("'noise' 100000 1000") })
        #expect(lines.contains("'sticky/' 0 0 0o41777"))
        #expect(lines.contains("'link' 4 4 0o120777"))
        #expect(lines.contains { $0.hasPrefix("'only a hole' 300001 3") })
        #expect(lines.contains { $0.hasPrefix("'äöü 名前' ") })
        #expect(lines.contains { $0.hasPrefix("'new\\nline' ") })
    }

    @Test("its records are those of the format")
    func records() {
        var entry = ZipEntry(path: Array("a".utf8), mode: 0o100644)
        (entry.size, entry.uid, entry.gid) = (5, 1, 2)
        (entry.modified, entry.localTime) = (0x0102_0304, 0x2a21_1882)
        let extra: [UInt8] = [
            0x55, 0x54, 5, 0, 1, 4, 3, 2, 1, 0x75, 0x78, 11, 0, 1, 4, 1, 0, 0, 0, 4, 2, 0, 0, 0,
        ]
        let data = ZipEntry.Data(checksum: 0x1122_3344, storedBytes: 7)
        let head: [UInt8] = [8, 0, 8, 0, 0x82, 0x18, 0x21, 0x2a]
        #expect(
            entry.localHeader(data)
                == [0x50, 0x4b, 3, 4, 20, 0] + head + [UInt8](repeating: 0, count: 12)
                + [1, 0, 24, 0, 0x61] + extra)
        #expect(
            entry.descriptor(data)
                == [0x50, 0x4b, 7, 8, 0x44, 0x33, 0x22, 0x11, 7, 0, 0, 0, 5, 0, 0, 0])
        #expect(
            entry.centralHeader(data, offset: 9)
                == [0x50, 0x4b, 1, 2, 45, 3, 20, 0] + head
                + [0x44, 0x33, 0x22, 0x11, 7, 0, 0, 0, 5, 0, 0, 0, 1, 0, 24, 0]
                + [0, 0, 0, 0, 0, 0, 0, 0, 0xa4, 0x81, 9, 0, 0, 0, 0x61] + extra)
    }

    @Test("large files and places have numbers of eight bytes")
    func zip64() {
        var entry = ZipEntry(path: Array("a".utf8), mode: 0o100644)
        entry.size = 5 << 30
        let data = ZipEntry.Data(checksum: 1, storedBytes: 4 << 30)
        #expect(entry.localHeader(data)[4] == 45)
        #expect(entry.descriptor(data).count == 24)
        let central = entry.centralHeader(data, offset: 6 << 30)
        let field: [UInt8] = [1, 0, 24, 0, 0, 0, 0, 0x40, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
        #expect(Array(central.suffix(28).prefix(20)) == field)
        #expect(central.suffix(8) == [0, 0, 0, 0x80, 1, 0, 0, 0])
        let end = ZipRecord.end(entries: 70_000, directoryBytes: 10, offset: 20)
        #expect(end.count == 56 + 20 + 22)
        #expect(
            end.suffix(14) == [255, 255, 255, 255] + [255, 255, 255, 255, 255, 255, 255, 255, 0, 0])
        #expect(ZipRecord.end(entries: 0, directoryBytes: 0, offset: 0).count == 22)
    }

    @Test("times of MS-DOS begin in 1980 and end in 2107")
    func dosTimes() {
        var time = CalendarTime(year: 2026)
        (time.month, time.day, time.hour, time.minute, time.second) = (11, 21, 7, 30, 33)
        #expect(ZipEntry.dosTime(time) == 0x5d75_3bd0)
        #expect(ZipEntry.dosTime(CalendarTime(year: 1979)) == 0x0021_0000)
        #expect(ZipEntry.dosTime(CalendarTime(year: 2108)) == 0xff9f_0000)
    }
}
