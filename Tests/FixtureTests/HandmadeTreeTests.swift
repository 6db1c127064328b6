import TestSupport
import Testing
import VarveArchive
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveSystem

/// What the format can say of a tree, whether or not the engine takes or restores it.
@Suite("A tree made by hand")
struct HandmadeTreeTests {
    let scratch: Scratch
    let repository: Repository
    var restored: String { scratch.path + "/restored" }

    init() throws {
        scratch = try Scratch()
        repository = try scratch.create()
    }

    /// Stores the nodes that `make` gives as the root of a snapshot.
    private func store(_ make: (inout ChunkWriter) throws -> [Node]) throws {
        let id = try #require(SnapshotID(randomBytes(SnapshotID.byteCount)))
        try WriteSession.run(repository) { session in
            var writer = try ChunkWriter(session)
            let nodes = try make(&writer)
            var root = Content.empty
            for piece in Directory.pieces(of: nodes) {
                let chunk = try writer.storeMetadata(piece)
                root.entries.append(Content.Entry(id: chunk, bytes: piece.count))
                root.size += piece.count
            }
            try writer.flush()
            let entries = nodes.reduce(0) { $0 + 1 + $1.entriesBelow }
            let manifest = SnapshotManifest(
                id: id, time: 1, host: "host", user: "user",
                sources: [.init(kind: .path, name: Array("/gone \u{ff}".utf8) + [0xff])],
                root: .init(content: root, entries: entries), program: "test")
            try session.commit(
                manifest, segments: try session.finish(),
                SnapshotSummary(time: 1, host: "host", user: "user", sources: ["/gone"]))
        }
    }

    private func node(_ kind: Node.Kind, _ name: String, mode: UInt32 = 0o600) -> Node {
        var node = Node(kind: kind, name: Array(name.utf8))
        node.mode = mode
        node.modified = 1_000_000_007
        return node
    }

    private func read() throws {
        let reader = PythonReader(scratch)
        try reader("audit")
        try reader("restore", "latest", restored)
    }

    @Test("keeps its hard links, of files, symlinks and pipes")
    func hardLinks() throws {
        try store { writer in
            var (file, link, pipe) = (node(.file, ""), node(.symlink, ""), node(.fifo, ""))
            file.content = try writer.content(rows(10, seed: 1))
            link.target = Array("a/b".utf8)
            (file.hardLinkGroup, link.hardLinkGroup, pipe.hardLinkGroup) = (1, 2, 3)
            let originals = [file, link, pipe]
            return ["1", "2"].flatMap { round in
                zip(originals, ["a", "b", "c"]).map { original, name in
                    var member = original
                    member.name = Array((round + name).utf8)
                    return member
                }
            }
        }
        try read()
        for name in ["a", "b", "c"] {
            let first = try File.status(of: restored + "/1" + name, follow: false)
            let second = try File.status(of: restored + "/2" + name, follow: false)
            #expect(first.inode == second.inode && first.links == 2)
        }
    }

    @Test("keeps holes at the start, in the middle and at the end of files")
    func holes() throws {
        let data = rows(1_000, seed: 2)
        let holes = [(0, 70_000), (5_000, 1_000_000), (data.count - 5_000, 300_000)]
        var plain: [UInt8] = []
        var rest = data[...]
        for (bytes, hole) in holes {
            plain += rest.prefix(bytes) + [UInt8](repeating: 0, count: hole)
            rest = rest.dropFirst(bytes)
        }
        try store { writer in
            var sparse = node(.file, "sparse")
            sparse.content = try writer.content(data)
            sparse.holes = holes.map { Node.Hole(dataBytes: $0.0, holeBytes: $0.1) }
            var hollow = node(.file, "hollow")
            hollow.content = .empty
            hollow.holes = [Node.Hole(dataBytes: 0, holeBytes: 1 << 20)]
            return [hollow, sparse]
        }
        try read()
        #expect(try File.contents(of: restored + "/sparse", limit: 1 << 24) == plain)
        let hollow = try File.status(of: restored + "/hollow", follow: false)
        #expect(hollow.size == 1 << 20 && hollow.blocks == 0)
    }

    @Test("keeps extended attributes where the file system has them")
    func attributes() throws {
        let names = ["user.a", "user.b", "user.long"]
        let values = [[], Array("value".utf8), randomBytes(1_000)]
        let given = zip(names, values).map { Node.Attribute(name: Array($0.utf8), value: $1) }
        let probe = try File.createExclusively(scratch.path + "/probe")
        guard (try? probe.setExtendedAttribute(given[0].name, given[0].value)) != nil else {
            return
        }
        try store { writer in
            var file = node(.file, "file", mode: 0o400)
            file.content = .empty
            var directory = node(.directory, "folder", mode: 0o700)
            directory.content = .empty
            (file.attributes, directory.attributes) = (given, given)
            return [file, directory]
        }
        try read()
        for path in ["/file", "/folder"] {
            let found = try File.openToRead(restored + path).extendedAttributes()
            #expect(found.map(\.name) == given.map(\.name))
            #expect(found.map(\.value) == given.map(\.value))
        }
    }

    @Test("may have directories in directories of up to 4 KiB, and lists of lists")
    func contents() throws {
        let data = rows(2_000, seed: 3)
        try store { writer in
            var inner = node(.directory, "inner", mode: 0o755)
            inner.content = .empty
            while Directory.pieces(of: [inner])[0].count < 4_000 {
                var outer = node(.directory, inner.displayName + "x", mode: 0o755)
                outer.content = Content(literal: Directory.pieces(of: [inner])[0])
                outer.entriesBelow = inner.entriesBelow + 1
                inner = outer
            }
            var file = node(.file, "a")
            file.content = try writer.content(data, depth: 8)
            return [file, inner]
        }
        try read()
        #expect(try File.contents(of: restored + "/a", limit: 1 << 24) == data)
        #expect(try listing(restored).count > 30)
    }
}

extension ChunkWriter {
    /// Stores `bytes` in chunks of 1,000, below `depth` lists of one entry each but the last.
    fileprivate mutating func content(_ bytes: [UInt8], depth: Int = 0) throws -> Content {
        var entries: [Content.Entry] = []
        for start in stride(from: 0, to: bytes.count, by: 1_000) {
            let chunk = Array(bytes[start..<min(start + 1_000, bytes.count)])
            entries.append(Content.Entry(id: try storeData(chunk), bytes: chunk.count))
        }
        for level in 0..<depth {
            let list = ChunkList(depth: level, entries: entries)
            entries = [Content.Entry(id: try storeMetadata(list.encoded), bytes: bytes.count)]
        }
        return Content(size: bytes.count, depth: depth, entries: entries)
    }

    private mutating func storeData(_ chunk: [UInt8]) throws -> ChunkID {
        try chunk.withUnsafeBytes { buffer in
            let id = try #require(ChunkID(SHA256.digest(buffer)))
            if try !isStored(id) { try add(buffer, id: id, features: nil, hint: nil) }
            return id
        }
    }
}
