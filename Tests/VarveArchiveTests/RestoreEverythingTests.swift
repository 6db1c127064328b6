import Synchronization
import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("A restore brings back")
struct RestoreEverythingTests {
    private func box() throws -> (Sandbox, Repository) {
        let box = try Sandbox(storage: MemoryStorage())
        return (box, try box.create())
    }

    @Test("hard links, of files, symbolic links and fifos, also in other directories")
    func hardLinks() throws {
        let (box, repository) = try box()
        var fifo = HandmadeEntry(.fifo, Array("f1".utf8))
        fifo.node.hardLinkGroup = 3
        var other = fifo
        other.node.name = Array("f2".utf8)
        let stored = try box.store(
            [
                .directory("a", [.file("1", lines(900, seed: 1), group: 1)]),
                .directory("b", [.file("2", lines(900, seed: 1), group: 1), fifo, other]),
                .symlink("s1", to: "x", group: 2), .symlink("s2", to: "x", group: 2),
                .file("t", [], group: 4), .file("u", [], group: 4),
            ], repository)
        for _ in 0..<2 {
            let report = try box.restore(stored, repository)
            #expect(report.issues.isEmpty && report.skipped.isEmpty)
            for (one, two) in [
                ("/a/1", "/b/2"), ("/b/f1", "/b/f2"), ("/s1", "/s2"), ("/t", "/u"),
            ] {
                let first = try File.status(of: box.target + one, follow: false)
                let second = try File.status(of: box.target + two, follow: false)
                #expect(first.inode == second.inode && first.links == 2)
            }
            #expect(
                try File.contents(of: box.target + "/b/2", limit: 1 << 20) == lines(900, seed: 1))
        }
        let again = try box.restore(stored, repository)
        #expect(again.filesUnchanged == 4 && again.bytesWritten == 0)
    }

    @Test("a further name as the file itself when the first could not be restored")
    func lostFirst() throws {
        let (box, repository) = try box()
        let stored = try box.store(
            (1...3).map { .file("\($0)", lines(50, seed: 1), group: 1) }, repository)
        // The first is kept by the rule, as something else.
        try File.makeDirectory(box.target)
        try File.createExclusively(box.target + "/1").write([1])
        let report = try box.restore(stored, repository) { $0.overwrite = .never }
        #expect(report.filesLeft == 1 && report.files == 2)
        let statuses = try (1...3).map { try File.status(of: box.target + "/\($0)") }
        #expect(statuses[0].links == 1 && statuses[1].inode == statuses[2].inode)
        // And when it fails.
        removeTree(box.target)
        let failed = try FileFaults.with(under: box.target) { call, path in
            call == .create && path.hasSuffix("/1") || call == .rename ? 5 : nil
        } _: {
            try box.restore(stored, repository)
        }
        _ = failed
        #expect(try box.restore(stored, repository).issues.isEmpty)
        #expect(try File.status(of: box.target + "/1").links == 3)
    }

    @Test("members of a group that name other bytes with the bytes they name")
    func unsoundGroup() throws {
        let (box, repository) = try box()
        let stored = try box.store(
            [.file("1", [1], group: 1), .file("2", [2, 2], group: 1), .file("3", [1], group: 1)],
            repository)
        #expect(try box.restore(stored, repository).issues.isEmpty)
        #expect(try File.contents(of: box.target + "/2", limit: 9) == [2, 2])
        #expect(try File.status(of: box.target + "/3").links == 2)
    }

    @Test("holes where they were, and writes only the data between them")
    func holes() throws {
        let (box, repository) = try box()
        let data = lines(1_000, seed: 2)
        let parts = [(0, 70_000), (5_500, 1_000_000), (data.count - 5_500, 300_000)]
        var plain: [UInt8] = []
        var rest = data[...]
        for (bytes, hole) in parts {
            plain += rest.prefix(bytes) + [UInt8](repeating: 0, count: hole)
            rest = rest.dropFirst(bytes)
        }
        var sparse = HandmadeEntry.file("sparse", data)
        sparse.node.holes = parts.map { Node.Hole(dataBytes: $0.0, holeBytes: $0.1) }
        var hollow = HandmadeEntry.file("hollow", [])
        hollow.node.holes = [Node.Hole(dataBytes: 0, holeBytes: 1 << 20)]
        let stored = try box.store([hollow, sparse], repository)
        let report = try box.restore(stored, repository) { $0.verifies = true }
        #expect(report.issues.isEmpty && report.bytesWritten == data.count)
        #expect(try File.contents(of: box.target + "/sparse", limit: 1 << 24) == plain)
        #expect(try File.status(of: box.target + "/hollow").blocks == 0)
        #expect(try File.status(of: box.target + "/sparse").blocks < 300)
        #expect(try box.restore(stored, repository).filesUnchanged == 2)
        // What is written into a hole is found.
        let file = try File.openDirectory(box.target).openToChange("sparse")
        try file.write([9], at: 60_000)
        let mended = try box.restore(stored, repository)
        #expect(mended.filesChanged == 1)
        #expect(try File.contents(of: box.target + "/sparse", limit: 1 << 24) == plain)
    }

    @Test("extended attributes, lists, modes and times, and takes away what was not there")
    func attributes() throws {
        let (box, repository) = try box()
        let given = [
            Node.Attribute(name: Array("user.a".utf8), value: []),
            Node.Attribute(name: Array("user.b".utf8), value: randomBytes(300)),
        ]
        var file = HandmadeEntry.file("file", [1, 2, 3])
        file.node.attributes = given
        file.node.mode = 0o4711
        file.node.modified = -5_000_000_001
        var directory = HandmadeEntry.directory("directory", [file, .file("x", [1])])
        directory.node.attributes = given
        directory.node.mode = 0o1555
        directory.node.modified = -1
        let stored = try box.store([directory], repository)
        func check() throws {
            let report = try box.restore(stored, repository)
            #expect(report.issues.isEmpty)
            for (path, mode, time) in [
                ("/directory", 0o1555, -1), ("/directory/file", 0o4711, -5_000_000_001),
            ] {
                let entry = try File.openToRead(box.target + path)
                let status = try entry.status()
                #expect(status.mode == UInt32(mode) && status.mtime == Int64(time))
                let found = try entry.extendedAttributes()
                #expect(found.map(\.name) == given.map(\.name))
                #expect(found.map(\.value) == given.map(\.value))
            }
            #expect(
                try File.openToRead(box.target + "/directory/x").extendedAttributes().isEmpty)
        }
        let probe = try File.createExclusively(box.path + "/probe")
        guard (try? probe.setExtendedAttribute(given[0].name, [1])) != nil else { return }
        try check()
        for path in ["/directory/x", "/directory/file", "/directory"] {
            let entry = try File.openToRead(box.target + path)
            try entry.setExtendedAttribute(Array("user.stranger".utf8), [1])
            try entry.setMode(0o700)
        }
        try check()
    }

    @Test("nothing of a default access control list of the directory above")
    func inheritedList() throws {
        let (box, repository) = try box()
        try File.makeDirectory(box.target)
        // Version 2: the owner, user 1, the group, the mask, all others; each may read.
        var list: [UInt8] = [2, 0, 0, 0]
        for (tag, number) in [(1, nil), (2, 1), (4, nil), (16, nil), (32, nil)] as [(UInt8, Int?)] {
            list += [tag, 0, 7, 0] + (number == nil ? [255, 255, 255, 255] : [1, 0, 0, 0])
        }
        let target = try File.openDirectory(box.target)
        let name = Array("system.posix_acl_default".utf8)
        guard (try? target.setExtendedAttribute(name, list)) != nil else { return }
        let stored = try box.store(
            [.directory("d", [.file("below", [1]), .directory("e", [])]), .file("file", [2])],
            repository)
        #expect(try box.restore(stored, repository).issues.isEmpty)
        for path in ["/d", "/d/below", "/d/e", "/file"] {
            #expect(try File.openToRead(box.target + path).extendedAttributes().isEmpty)
        }
    }

    @Test("a chain of 10,000 directories, deeper than any path of the kernel")
    func depth() throws {
        let (box, repository) = try box()
        let depth = 10_000
        let name = Array(String(repeating: "d", count: 200).utf8)
        let stored = try box.store(repository) { writer in
            var file = HandmadeEntry.file("bottom", [1, 2, 3]).node
            file.content = try writer.content([1, 2, 3])
            var content = try writer.content(ofDirectory: [file])
            for _ in 0..<depth {
                var directory = HandmadeEntry(.directory, name, mode: 0o755).node
                directory.content = content
                content = try writer.content(ofDirectory: [directory])
            }
            return content
        }
        for pass in 0..<2 {
            let report = try box.restore(stored, repository)
            #expect(report.issues.isEmpty)
            #expect(report.directories == depth)
            #expect(pass == 0 ? report.files == 1 : report.filesUnchanged == 1)
        }
        // And they go again, without following anything.
        let empty = try box.store([], repository, sources: ["/"])
        let report = try box.restore(empty, repository) { $0.deletes = true }
        #expect(report.issues.isEmpty && report.deleted == depth + 1)
        #expect(try File.openDirectory(box.target).entries().isEmpty)
    }

    @Test("files without zeros, when holes are wanted of these")
    func sparse() throws {
        let (box, repository) = try box()
        var bytes = [UInt8](repeating: 0, count: 400_000)
        bytes[10_000] = 1
        bytes[399_999] = 2
        let stored = try box.store(
            [.file("file", bytes), .file("zeros", [UInt8](repeating: 0, count: 70_000))], repository
        )
        #expect(try box.restore(stored, repository) { $0.sparse = true }.issues.isEmpty)
        #expect(try File.contents(of: box.target + "/file", limit: 1 << 20) == bytes)
        #expect(try File.status(of: box.target + "/file").blocks < 80)
        let zeros = try File.status(of: box.target + "/zeros")
        #expect(zeros.blocks == 0 && zeros.size == 70_000)
    }

    @Test("what is there, and when read back tells what is not")
    func readBack() throws {
        let (box, repository) = try box()
        let stored = try box.store([.file("a", lines(50, seed: 1)), .file("b", [1])], repository)
        let target = box.target
        let wrote = Atomic(false)
        let report = try box.restore(stored, repository) {
            $0.verifies = true
        } observer: { event in
            // After the last file was written somebody spoils one.
            guard case .restored(let path, .created, .some) = event, path == "/b" else { return }
            guard let directory = try? File.openDirectory(target) else { return }
            let bytes: [UInt8] = [9, 9]
            try? directory.openToChange("a").write(bytes)
            wrote.store(true, ordering: .relaxed)
        }
        let didWrite = wrote.load(ordering: .relaxed)
        #expect(didWrite)
        #expect(report.issues.map(\.path) == ["/a"])
        #expect(try box.restore(stored, repository) { $0.verifies = true }.issues.isEmpty)
    }
}

extension File {
    fileprivate func write(_ bytes: [UInt8], at offset: Int) throws {
        try bytes.withUnsafeBytes { try write($0, at: offset) }
    }
}
