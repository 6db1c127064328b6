import TestSupport
import Testing
import VarveArchive
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveSystem

@Suite("A repository of today")
struct FreshRepositoryTests {
    private func snapshot(
        _ repository: Repository, _ source: SnapshotSource, time: Int64
    ) throws {
        let options = SnapshotOptions(time: time, host: "host", user: "user", program: "test")
        #expect(try !takeSnapshot(of: source, into: repository, options).isIncomplete)
    }

    /// Restores a snapshot with the reader and gives what then lies where the source lay.
    private func restored(
        _ reader: PythonReader, _ id: SnapshotID?, to target: String, _ source: String,
        fromPacks: Bool
    ) throws -> [String: String] {
        try reader("restore", try #require(id).hex, target, fromPacks: fromPacks)
        return try listing(target + source)
    }

    @Test("is read, and cut, as its format says")
    func trees() throws {
        let scratch = try Scratch()
        let reader = PythonReader(scratch)
        var options = CreationOptions()
        options.chunkBytesAverage = 16 << 10
        let repository = try scratch.create(options)
        try fill(scratch)
        try snapshot(repository, .paths([scratch.source]), time: 1)
        let first = try listing(scratch.source)
        try change(scratch)
        try snapshot(repository, .paths([scratch.source]), time: 2)
        let second = try listing(scratch.source)
        let snapshots = repository.state.snapshots.map(\.id)
        for fromPacks in [false, true] {
            for (id, tree) in zip(snapshots, [first, second]) {
                let target = scratch.path + "/\(id.hex)-\(fromPacks)"
                #expect(
                    try restored(reader, id, to: target, scratch.source, fromPacks: fromPacks)
                        == tree)
            }
        }
        let numbers = try repository.statistics()
        #expect(numbers.bytesSimilar > 0)
        #expect(
            try reader("audit", "--cuts")
                == "3 records, 2 snapshots, \(numbers.packs) packs, \(numbers.chunks) chunks,"
                + " 0 complaints\n")
    }

    /// Some of everything that a tree can hold.
    private func fill(_ scratch: Scratch) throws {
        try scratch.write(scratch.source + "/text", rows(30_000, seed: 1))
        try scratch.write(scratch.source + "/random", randomBytes(250_000))
        try scratch.write(scratch.source + "/empty", [])
        let pages = Array("SQLite format 3\0".utf8) + rows(10_000, seed: 2)
        try scratch.write(scratch.source + "/pages.db", pages)
        for number in 0..<1_000 {
            let name = scratch.source + "/many/a file with number \(number)"
            try scratch.write(name, Array("\(number / 7)".utf8))
        }
        for number in 0..<40 {
            try scratch.write(scratch.source + "/small/\(number)/in/er", Array("same".utf8))
        }
        let directory = try File.openDirectory(scratch.source)
        try directory.makeSymlink(to: "nowhere/at/all", "link")
        try directory.makeSymlink(to: Array("\u{1}\u{7f}ü".utf8), Array("ein Läufer\n".utf8))
        try directory.setMode("text", 0o4751)
        try directory.setTimes("random", mtimeNanoseconds: -1_000_000_001)
    }

    private func change(_ scratch: Scratch) throws {
        var text = rows(30_000, seed: 1)
        for place in stride(from: 1_000, to: text.count, by: 40_000) { text[place] ^= 1 }
        try scratch.write(scratch.source + "/text", Array("a new line\n".utf8) + text)
        var pages = Array("SQLite format 3\0".utf8) + rows(10_000, seed: 2)
        pages[150_000] ^= 1
        try scratch.write(scratch.source + "/pages.db", pages)
        try File.openDirectory(scratch.source).remove("empty")
        try scratch.write(scratch.source + "/many/one more", [1])
    }

    @Test("is read beyond the checkpoint of its log, and without what that names")
    func checkpoint() throws {
        let scratch = try Scratch()
        let reader = PythonReader(scratch)
        let repository = try scratch.create()
        for time in 1...66 {
            try scratch.write(scratch.source + "/file", rows(300 + time, seed: 1))
            try snapshot(repository, .paths([scratch.source]), time: Int64(time))
        }
        try reader("audit", "--cuts")
        #expect(try reader.snapshots() == repository.state.snapshots.map(\.id.hex))
        let target = scratch.path + "/restored"
        #expect(
            try restored(
                reader, repository.state.snapshots.last?.id, to: target, scratch.source,
                fromPacks: false) == listing(scratch.source))
        let states = try File.openDirectory(scratch.repository + "/state")
        let names = try states.entries().map(\.name)
        #expect(names.count == 1)
        for name in names { try states.remove(name) }
        try reader("audit")
    }

    @Test("is read when its keys were rotated and replaced, its manifests sealed anew")
    func rotation() throws {
        let scratch = try Scratch()
        let reader = PythonReader(scratch)
        let repository = try scratch.create()
        let stolen = try repository.addSlot(
            .keyFile(try SecretBytes.random(byteCount: 32)), label: "stolen")
        for time in 1...3 {
            try scratch.write(scratch.source + "/file", rows(300 + time, seed: 1))
            try snapshot(repository, .paths([scratch.source]), time: Int64(time))
            _ = try repository.rotateKeys()
        }
        let plan = try repository.planKeyReplacement(
            removing: stolen, inUse: .keyFile(scratch.secret), keeping: [])
        _ = try repository.replaceKeys(plan)
        try #require(try repository.resealManifest(repository.state.snapshots[2]))
        try scratch.write(scratch.source + "/file", rows(500, seed: 2))
        try snapshot(repository, .paths([scratch.source]), time: 4)
        #expect(try reader("audit", "--cuts").hasSuffix(" 0 complaints\n"))
        #expect(try reader.snapshots() == repository.state.snapshots.map(\.id.hex))
        let target = scratch.path + "/restored"
        #expect(
            try restored(
                reader, repository.state.snapshots.last?.id, to: target, scratch.source,
                fromPacks: false) == listing(scratch.source))
    }

    @Test("is read when it holds streams, empty ones too")
    func streams() throws {
        let scratch = try Scratch()
        let reader = PythonReader(scratch)
        let repository = try scratch.create()
        let contents = [[], rows(30_000, seed: 5), randomBytes(100_000)]
        for (place, bytes) in contents.enumerated() {
            let file = scratch.path + "/stream-\(place)"
            try scratch.write(file, bytes)
            let input = StreamInput(try File.openToRead(file))
            try snapshot(
                repository, .stream(name: "dump", kind: .command, input, confirm: {}),
                time: Int64(place))
            let target = scratch.path + "/restored-\(place)"
            try reader("restore", "latest", target)
            #expect(try File.contents(of: target + "/dump", limit: 1 << 24) == bytes)
        }
        try reader("audit", "--cuts")
    }
}

/// Lines of text, each with its number and some of the seed.
func rows(_ count: Int, seed: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for row in 0..<count {
        let word = (row &* 2_654_435_761 &+ seed &* 40_503) % 1_000_003
        bytes += Array("row \(row) holds \(word)\n".utf8)
    }
    return bytes
}
