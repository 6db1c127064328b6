import Glibc
import Synchronization
import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

@Suite("A restore gives no rights away:")
struct RestoreOwnerTests {
    let box: Sandbox
    let repository: Repository
    private let isRoot = Accounts.currentUser == 0
    private let long = noise(9 << 20, seed: 3)

    init() throws {
        (box, repository) = try Sandbox.inMemory()
        try File.makeDirectory(box.target)
    }

    private func status(_ name: String) throws -> FileStatus {
        try File.status(of: box.target + "/" + name, follow: false)
    }

    /// Puts a file there, and answers a descriptor for it that somebody keeps.
    private func put(_ bytes: [UInt8], mode: UInt32, uid: UInt32? = nil) throws -> File {
        let file = try File.createOrTruncate(box.target + "/a")
        try file.write(bytes)
        if let uid { try file.setOwner(uid: uid, gid: uid) }
        try file.setMode(mode)
        return file
    }

    private var spoiled: [UInt8] { [long[0] ^ 1] + long.dropFirst() }

    @Test("a file that another user may have open is replaced, also when its bytes are equal")
    func otherOwner() throws {
        guard isRoot else { return }
        let stored = try box.store([.file("a", long)], repository)
        for bytes in [spoiled, long] {
            let kept = try put(bytes, mode: 0o600, uid: 4_321)
            #expect(try box.restore(stored, repository).filesChanged == 1)
            let after = try status("a")
            #expect(try after.inode != kept.status().inode && after.uid == 0 && after.gid == 0)
            var found = [UInt8](repeating: 0, count: bytes.count)
            try found.withUnsafeMutableBytes { _ = try kept.readFully(at: 0, into: $0) }
            #expect(found == bytes)
        }
    }

    @Test("a fifo that another user may have open is made anew")
    func otherOwnerOfFifo() throws {
        guard isRoot else { return }
        let stored = try box.store([HandmadeEntry(.fifo, Array("f".utf8))], repository)
        let target = try File.openDirectory(box.target)
        try target.makeNode("f", kind: .fifo, mode: 0o600)
        let kept = try target.handle(of: "f")
        try kept.setOwner(uid: 4_321, gid: 4_321)
        #expect(try box.restore(stored, repository).issues.isEmpty)
        #expect(try status("f").inode != kept.status().inode && status("f").uid == 0)
    }

    @Test("a file that others may read more of than later, or change, is replaced")
    func widerMode() throws {
        var entry = HandmadeEntry.file("a", long)
        entry.node.mode = 0o600
        let stored = try box.store([entry], repository)
        for (bytes, mode, isReplaced) in [
            (spoiled, 0o644, true), (spoiled, 0o622, true), (spoiled, 0o600, false),
            (long, 0o602, true), (long, 0o620, true), (long, 0o640, false),
        ] {
            try? box.remove("a")
            let kept = try put(bytes, mode: UInt32(mode))
            #expect(try box.restore(stored, repository).filesChanged == 1)
            let after = try status("a")
            #expect(try (after.inode != kept.status().inode) == isReplaced, "\(mode)")
            #expect(after.mode == 0o600)
        }
    }

    @Test("a file that another group, or somebody in a list, may have open is replaced")
    func otherGroup() throws {
        guard isRoot else { return }
        let stored = try box.store([.file("a", long)], repository)
        // The owner, user 7, the group, the mask, others: as the mode 0640 has it.
        var list: [UInt8] = [2, 0, 0, 0]
        for (tag, rights, id) in [(1, 6, 255), (2, 4, 7), (4, 4, 255), (16, 4, 255), (32, 0, 255)] {
            let rest: UInt8 = id == 255 ? 255 : 0
            list += [UInt8(tag), 0, UInt8(rights), 0, UInt8(id), rest, rest, rest]
        }
        for (gid, hasList) in [(77, false), (0, true), (0, false)] as [(UInt32, Bool)] {
            try? box.remove("a")
            let kept = try put(spoiled, mode: 0o600)
            try kept.setOwner(uid: 0, gid: gid)
            try kept.setMode(0o640)
            let name = Array("system.posix_acl_access".utf8)
            if hasList, (try? kept.setExtendedAttribute(name, list)) == nil { continue }
            #expect(try kept.status().mode == 0o640)
            #expect(try box.restore(stored, repository).filesChanged == 1)
            let isReplaced = try status("a").inode != kept.status().inode
            #expect(isReplaced == (gid != 0 || hasList))
        }
    }

    @Test("short files, and programs, are replaced and not written into")
    func replaced() throws {
        let short = lines(3_000, seed: 1)
        for (bytes, mode) in [(short, 0o600), (long, 0o700)] {
            try? box.remove("a")
            let stored = try box.store([.file("a", bytes)], repository)
            let kept = try put([bytes[0] ^ 1] + bytes.dropFirst(), mode: UInt32(mode))
            #expect(try box.restore(stored, repository).filesChanged == 1)
            #expect(try status("a").inode != kept.status().inode)
            #expect(try File.contents(of: box.target + "/a", limit: 1 << 24) == bytes)
        }
    }

    private static let setBits = "setuid and setgid bits (the owner is another)"
    private static let owners = "owners (only root may set them)"

    @Test("setuid and setgid bits do not go to another owner, and are not missed again")
    func setBits() throws {
        guard isRoot else { return }
        var entry = HandmadeEntry.file("a", [1])
        entry.node.mode = 0o6755
        let stored = try box.store([entry], repository)
        let given = try box.restore(stored, repository) { $0.owner = .init(uid: 77, gid: 78) }
        #expect(given.skipped == [Self.setBits])
        #expect(try status("a").mode == 0o755 && status("a").uid == 77)
        let again = try box.restore(stored, repository) { $0.owner = .init(uid: 77, gid: 78) }
        #expect(again.filesUnchanged == 1 && again.skipped.isEmpty)
        #expect(try box.restore(stored, repository).filesChanged == 1)
        #expect(try status("a").mode == 0o6755 && status("a").uid == 0)
    }

    @Test(
        "where owners cannot be set the rest is restored", arguments: [EPERM, EINVAL, EOPNOTSUPP])
    func refused(number: Int32) throws {
        guard isRoot else { return }
        var entries = [
            HandmadeEntry.file("a", [1]), .directory("d", [.file("b", [2])]),
            HandmadeEntry(.fifo, Array("f".utf8)), .symlink("s", to: "x"),
        ]
        for index in entries.indices { (entries[index].node.uid, entries[index].node.gid) = (7, 8) }
        entries[0].node.mode = 0o4711
        let stored = try box.store(entries, repository)
        func restore() throws -> RestoreReport {
            try FileFaults.with(under: box.target) { call, _ in
                call == .setOwner ? number : nil
            } _: {
                try box.restore(stored, repository)
            }
        }
        let report = try restore()
        #expect(report.issues.isEmpty && report.files == 2 && report.others == 2)
        #expect(report.skipped.sorted() == [Self.owners, Self.setBits].sorted())
        #expect(try status("a").mode == 0o711 && status("s").kind == .symlink)
        let before = try ["a", "s", "f", "d", "d/b"].map { try status($0) }
        let again = try restore()
        #expect(again.issues.isEmpty && again.filesUnchanged == 2)
        #expect(try ["a", "s", "f"].map { try status($0) } == Array(before.prefix(3)))
    }

    @Test(
        "an attribute that is not allowed here, or too long, is left out; other errors are the file's",
        arguments: [
            (EPERM, 10, true), (EACCES, 10, true), (EOPNOTSUPP, 10, true), (E2BIG, 10, true),
            (ERANGE, 10, true), (ENOSPC, 5_000, true), (EDQUOT, 5_000, true), (EIO, 10, false),
            (EROFS, 10, false),
        ])
    func attributes(number: Int32, bytes: Int, isSkipped: Bool) throws {
        var entry = HandmadeEntry.file("a", [1])
        entry.node.attributes = [
            Node.Attribute(
                name: Array("user.a".utf8), value: [UInt8](repeating: 1, count: bytes))
        ]
        let stored = try box.store([entry, .file("b", [2])], repository)
        let report = try FileFaults.with(under: box.target) { call, _ in
            call == .setAttribute ? number : nil
        } _: {
            try box.restore(stored, repository)
        }
        #expect(report.issues.map(\.path) == (isSkipped ? [] : ["/a"]))
        #expect(report.skipped.count == (isSkipped ? 1 : 0))
        #expect(report.files == (isSkipped ? 2 : 1))
    }

    @Test("a disk that is full ends it, also when only an attribute finds that")
    func fullDisk() throws {
        var entry = HandmadeEntry.file("a", [1])
        entry.node.attributes = [Node.Attribute(name: Array("user.a".utf8), value: [1])]
        let stored = try box.store([entry], repository)
        FileFaults.with(under: box.target) { call, _ in
            call == .setAttribute ? ENOSPC : nil
        } _: {
            _ = #expect(throws: ArchiveError.self) { try box.restore(stored, repository) }
        }
    }

    @Test("a new file that ends in a hole is synced before it gets its time, and no other")
    func extended() throws {
        var hollow = HandmadeEntry.file("hollow", [1, 2])
        hollow.node.holes = [Node.Hole(dataBytes: 2, holeBytes: 1 << 16)]
        let stored = try box.store([hollow, .file("plain", lines(900, seed: 1))], repository)
        for isSparse in [false, true] {
            try? box.remove("hollow")
            try? box.remove("plain")
            let calls = Mutex<[SystemCall]>([])
            let report = try FileFaults.with(under: box.target) { call, path in
                if [.sync, .truncate, .setTimes].contains(call) {
                    calls.withLock { $0.append(call) }
                }
                return nil
            } _: {
                try box.restore(stored, repository) { $0.sparse = isSparse }
            }
            #expect(report.issues.isEmpty)
            #expect(
                calls.withLock { $0.filter { $0 != .setTimes } } == [.truncate, .sync])
            let all = calls.withLock { $0 }
            #expect(all.lastIndex(of: .setTimes) ?? 0 > all.firstIndex(of: .sync) ?? 9)
        }
    }
}

extension Sandbox {
    fileprivate func remove(_ name: String) throws {
        try File.openDirectory(target).remove(Array(name.utf8))
    }
}
