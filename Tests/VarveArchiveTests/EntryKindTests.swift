import Glibc
import Synchronization
import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

@Suite("Of what a file system holds, a snapshot")
struct EntryKindTests {
    private let box: Sandbox
    private let repository: Repository

    init() throws {
        (box, repository) = try Sandbox.inMemory()
    }

    /// The nodes of the newest snapshot, by their paths below the source.
    private func nodes() throws -> [String: Node] {
        let entry = try box.newest(repository)
        var tree = try SnapshotTree(repository, entry)
        var nodes: [String: Node] = [:]
        try tree.walk(tree.content(of: nil), path: []) { path, node in
            let path = String(decoding: path, as: UTF8.self)
            if path.hasPrefix(box.source + "/") {
                nodes[String(path.dropFirst(box.source.utf8.count + 1))] = node
            }
            return true
        }
        return nodes
    }

    private func link(_ name: String, to other: String) throws {
        try File.link(box.source + "/" + other, to: box.source + "/" + name)
    }

    /// Takes a snapshot and answers the names of the files that were opened.
    private func opened(time: Int64 = 1, force: Bool = false) throws -> [String] {
        let names = Mutex<[String]>([])
        var options = box.options(time)
        options.force = force
        let report = try FileFaults.with(under: box.source) { call, path in
            if call == .openToRead {
                names.withLock { $0.append(String(path.dropFirst(box.source.utf8.count + 1))) }
            }
            return nil
        } _: {
            try takeSnapshot(of: .paths([box.source]), into: repository, options)
        }
        #expect(!report.isIncomplete)
        return names.withLock { $0.sorted() }
    }

    @Test("reads a file of many names once, and says which names are one file")
    func hardLinks() throws {
        try box.write("a/short", noise(5_000, seed: 1))
        try box.write("b/long", noise(1_500_000, seed: 2))
        try box.write("alone", noise(10, seed: 3))
        for number in 0..<5 {
            try link("b/short \(number)", to: "a/short")
            try link("a/long \(number)", to: "b/long")
        }
        #expect(try opened() == ["a/long 0", "a/short", "alone"])
        let nodes = try nodes()
        #expect(nodes["a/long 0"]?.hardLinkGroup == 1)
        #expect(nodes["a/short"]?.hardLinkGroup == 2)
        #expect(nodes["alone"]?.hardLinkGroup == nil)
        for number in 0..<5 {
            #expect(nodes["a/long \(number)"]?.content == nodes["b/long"]?.content)
            #expect(nodes["a/long \(number)"]?.hardLinkGroup == 1)
            #expect(nodes["b/short \(number)"]?.content == nodes["a/short"]?.content)
            #expect(nodes["b/short \(number)"]?.hardLinkGroup == 2)
        }
        let files = try everyFile(of: box.newest(repository), repository)
        #expect(files[box.source + "/b/short 4"] == noise(5_000, seed: 1))
        #expect(files[box.source + "/b/long"] == noise(1_500_000, seed: 2))
    }

    @Test("of a file whose first name cannot be read holds the other names, short or long")
    func unreadableLink() throws {
        try box.write("a", noise(500, seed: 1))
        for name in ["b", "below/c"] {
            try File.makeDirectories(box.source + "/below")
            try link(name, to: "a")
        }
        try box.write("later/c", noise(1_000_000, seed: 2))
        try link("later/d", to: "later/c")
        let told = Told()
        let report = try FileFaults.with(under: box.source) { call, path in
            if call == .openToRead, path.hasSuffix("/a") { return ENOENT }
            return call == .read && (path.hasSuffix("/b") || path.hasSuffix("later/c")) ? EIO : nil
        } _: {
            try takeSnapshot(
                of: .paths([box.source]), into: repository, box.options(), observer: told.observer)
        }
        #expect(report.isIncomplete)
        #expect(told.failed.sorted() == ["b", "later/c"].map { box.source + "/" + $0 })
        #expect(told.noted == [box.source + "/a"])
        #expect(try nodes().keys.sorted() == ["below", "below/c", "later", "later/d"])
        let files = try everyFile(of: box.newest(repository), repository)
        #expect(files[box.source + "/below/c"] == noise(500, seed: 1))
        try box.snapshot(repository, time: 2)
        #expect(try nodes().count == 7)
    }

    @Test("holds files whose extended attributes cannot be read, tells it, and asks again")
    func unreadableAttributes() throws {
        for path in ["directory/file", "long"] {
            try box.write(path, noise(path == "long" ? 700_000 : 50, seed: 1))
        }
        try age()
        for time in 1...2 {
            let told = Told()
            let report = try FileFaults.with(under: box.source) { call, _ in
                call == .readAttributes ? EIO : nil
            } _: {
                try takeSnapshot(
                    of: .paths([box.source]), into: repository, box.options(Int64(time)),
                    observer: told.observer)
            }
            #expect(report.isIncomplete)
            #expect(
                told.failed.sorted()
                    == ["", "/directory", "/directory/file", "/long"].map { box.source + $0 })
            #expect(try nodes().count == 3)
        }
    }

    @Test("holds all of files that grow, far or little, between the listing and the reading")
    func growing() throws {
        let lengths = ["little": 700_000, "far": 40_000_000]
        for name in lengths.keys { try box.write(name, noise(1_000, seed: 1)) }
        let path = box.source
        let report = try FileFaults.with(under: path) { call, name in
            if call == .openToRead,
                let length = lengths[String(name.dropFirst(path.utf8.count + 1))],
                (try? File.status(of: name).size) == 1_000
            {
                try? File.createOrTruncate(name).write(noise(length, seed: 2))
            }
            return nil
        } _: {
            try box.snapshot(repository)
        }
        #expect(!report.isIncomplete)
        let before = try nodes()
        for (name, length) in lengths {
            #expect(before[name]?.content?.size == length)
        }
        // As a long file from the start they are cut in the same places.
        try box.snapshot(repository, time: 2) { $0.force = true }
        for name in lengths.keys { #expect(try nodes()[name]?.content == before[name]?.content) }
        let files = try everyFile(of: box.newest(repository), repository)
        #expect(files[path + "/far"] == noise(40_000_000, seed: 2))
    }

    @Test("holds extended attributes, reads them only when something changed, and sees each change")
    func extendedAttributes() throws {
        try box.write("directory/file", noise(50, seed: 1))
        let value = noise(300, seed: 2)
        let paths = ["directory", "directory/file"]
        for path in paths {
            let file = try File.openToRead(box.source + "/" + path)
            // Not every file system has any.
            guard (try? file.setExtendedAttribute(Array("user.b".utf8), value)) != nil else {
                return
            }
            try file.setExtendedAttribute(Array("user.a".utf8), [])
        }
        try box.snapshot(repository)
        let expected = [
            Node.Attribute(name: Array("user.a".utf8), value: []),
            Node.Attribute(name: Array("user.b".utf8), value: value),
        ]
        for path in paths { #expect(try nodes()[path]?.attributes == expected) }
        try age()
        try box.snapshot(repository, time: 2)
        let reads = Atomic(0)
        _ = try FileFaults.with(under: box.source) { call, _ in
            if call == .readAttributes { reads.add(1, ordering: .relaxed) }
            return nil
        } _: {
            try box.snapshot(repository, time: 3)
        }
        #expect(reads.load(ordering: .relaxed) == 0)
        for path in paths { #expect(try nodes()[path]?.attributes == expected) }
        for path in paths {
            try File.openToRead(box.source + "/" + path).setExtendedAttribute(
                Array("user.b".utf8), [7])
        }
        try box.snapshot(repository, time: 4)
        for path in paths { #expect(try nodes()[path]?.attributes[1].value == [7]) }
    }

    /// Waits until nothing below the source counts as young.
    private func age() throws {
        usleep(2_100_000)
    }

    private func write(_ bytes: [UInt8], at offset: Int, _ file: borrowing File) throws {
        try bytes.span.withUnsafeBytes { (bytes) throws(SystemError) in
            try file.write(bytes, at: offset)
        }
    }

    @Test("holds the holes of files, short and long, and reads only the data between them")
    func holes() throws {
        let block = 64 << 10
        let source = try File.openDirectory(box.source)
        try box.write("plain", noise(3 * block, seed: 9))
        for (name, bytes) in [("short", 6 * block), ("long", 40 * block), ("huge", 1 << 40)] {
            let file = try source.createFile(name)
            try file.truncate(to: bytes)
            try file.write(noise(block, seed: 1))
            try write(noise(block, seed: 2), at: 4 * block, file)
        }
        try source.createFile("nothing but a hole").truncate(to: 1 << 20)
        try box.snapshot(repository)
        let nodes = try nodes()
        guard let short = nodes["short"], !short.holes.isEmpty else { return }  // No holes here.
        for (name, bytes) in [("short", 6 * block), ("long", 40 * block), ("huge", 1 << 40)] {
            #expect(nodes[name]?.size == bytes)
            #expect(nodes[name]?.content?.size == 2 * block)
            #expect(
                nodes[name]?.holes == [
                    Node.Hole(dataBytes: block, holeBytes: 3 * block),
                    Node.Hole(dataBytes: block, holeBytes: bytes - 5 * block),
                ])
        }
        #expect(nodes["plain"]?.holes == [])
        #expect(
            nodes["nothing but a hole"]?.holes == [Node.Hole(dataBytes: 0, holeBytes: 1 << 20)])
        let files = try everyFile(of: box.newest(repository), repository)
        #expect(
            files[box.source + "/long"] == noise(block, seed: 1) + noise(block, seed: 2))
        try age()
        try box.snapshot(repository, time: 2)
        #expect(try opened(time: 3) == [])
        #expect(try self.nodes()["huge"] == nodes["huge"])
    }

    @Test("holds what is no file, names of any bytes, and times before 1970")
    func others() throws {
        let directory = try File.openDirectory(box.source)
        try directory.makeNode("fifo", kind: .fifo, mode: 0o640)
        try directory.makeNode("socket", kind: .socket, mode: 0o600)
        if Accounts.currentUser == 0 {
            try? directory.makeNode(
                "device", kind: .characterDevice, mode: 0o600, deviceNumber: 0x103)
        }
        let name = Array("new\nline \u{7f}".utf8) + [0xff, 0xc3]
        _ = try directory.createFile(name)
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 255)
        _ = try directory.createFile(long)
        try directory.makeSymlink(to: [0xfe, 0x0a], "link")
        try directory.setTimes("link", mtimeNanoseconds: -1_500_000_001)
        try directory.setMode("fifo", 0o5640)
        try box.snapshot(repository)
        let entry = try box.newest(repository)
        var tree = try SnapshotTree(repository, entry)
        let path = box.source.split(separator: "/").map { Array($0.utf8) }
        #expect(try tree.find(path + [name])?.kind == .file)
        #expect(try tree.find(path + [long])?.kind == .file)
        let nodes = try nodes()
        #expect(nodes["fifo"]?.kind == .fifo && nodes["fifo"]?.mode == 0o5640)
        #expect(nodes["socket"]?.kind == .socket)
        #expect(nodes["link"]?.target == [0xfe, 0x0a])
        #expect(nodes["link"]?.modified == -1_500_000_001)
        if let device = nodes["device"] {
            #expect(device.device == Node.Device(major: 1, minor: 3))
        }
    }

    @Test("tells of a file that changes while it is read, and reads it again the next time")
    func changing() throws {
        try box.write("file", noise(2_000, seed: 1))
        try box.write("long", noise(3_000_000, seed: 2))
        try age()
        let told = Told()
        let path = box.source
        let isFirst = Atomic(true)
        _ = try FileFaults.with(under: path) { call, name in
            // The same bytes and the same time of change, but for the ctime.
            if call == .read, isFirst.exchange(false, ordering: .relaxed) {
                for name in ["file", "long"] {
                    let status = try? File.status(of: path + "/" + name)
                    try? File.openDirectory(path).setTimes(
                        name, mtimeNanoseconds: status?.mtime ?? 0)
                }
            }
            return nil
        } _: {
            try takeSnapshot(
                of: .paths([path]), into: repository, box.options(), observer: told.observer)
        }
        #expect(told.noted.contains(path + "/file") || told.noted.contains(path + "/long"))
        #expect(try !opened(time: 2).isEmpty)
        #expect(try nodes()["long"]?.size == 3_000_000)
    }
}
