import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

@Suite("A snapshot, restored,")
struct RoundTripTests {
    @Test("has the bytes, modes, times and links that were there")
    func tree() throws {
        let box = try Sandbox()
        try box.write("empty", [])
        try box.write("small", Array("hello\n".utf8))
        try box.write("deep/er/text", lines(20_000, seed: 1))
        try box.write("noise", noise(3_000_000, seed: 7))
        try box.write("long", lines(200_000, seed: 2))
        for number in 0..<300 { try box.write("many/\(number)", lines(number, seed: number)) }
        let directory = try File.openDirectory(box.source)
        try directory.makeSymlink(to: "small", "link")
        try directory.makeSymlink(to: "nowhere/at/all", "dangling")
        try directory.setMode("small", 0o4751)
        try directory.setTimes("small", mtimeNanoseconds: -5_000_000_001)
        try directory.setTimes("deep", mtimeNanoseconds: 1_000_000_000_123_456_789)
        let before = try listing(box.source)

        let repository = try box.create()
        let report = try box.snapshot(repository)
        #expect(report.counts.files == 305)
        #expect(!report.isIncomplete)
        let restored = try box.restore(repository)
        #expect(restored.issues.isEmpty)
        #expect(restored.files == 305)
        #expect(try listing(box.target) == before)

        let entry = try #require(repository.state.snapshots.last)
        let verified = try verify(entry, of: repository, progress: Progress(), observer: { _ in })
        #expect(verified.issues.isEmpty)
        #expect(verified.files == 305)
    }

    @Test("is the same from another process with an empty cache")
    func reopened() throws {
        let box = try Sandbox()
        try box.write("text", lines(100_000, seed: 3))
        try box.snapshot(try box.create())
        removeTree(box.path + "/cache")
        let again = try box.open()
        #expect(try box.restore(again).issues.isEmpty)
        #expect(try listing(box.target) == listing(box.source))
    }

    @Test("holds each version, though most of it is stored once and the rest as deltas")
    func versions() throws {
        let box = try Sandbox()
        let repository = try box.create()
        var stored: [Int] = []
        for version in 0..<4 {
            var text = lines(150_000, seed: 4)
            for place in stride(from: 1_000 + version * 77, to: text.count - 1, by: 40_000) {
                text[place] = UInt8(ascii: "X")
            }
            try box.write("data", text)
            let report = try box.snapshot(repository, time: Int64(version))
            stored.append(report.written.bytesStored)
            #expect(try box.restore(repository, into: box.target + "\(version)").issues.isEmpty)
            #expect(try listing(box.target + "\(version)") == listing(box.source))
        }
        #expect(stored[1...].allSatisfy { $0 * 5 < stored[0] }, "\(stored)")
    }
}
