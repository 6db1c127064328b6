import Glibc
import Testing
import VarveSystem

@Suite("A directory")
struct DirectoryTests {
    @Test("lists every name, also those that are no text and more than one call brings")
    func entries() throws {
        try withTemporaryDirectory { (_, directory) throws in
            var names: Set<[UInt8]> = [[0xff, 0xfe, 0x80], Array("...".utf8), [0x0a], [0x20]]
            for index in 0..<3000 {
                names.insert(Array("a rather long name, to fill more than 64 KiB \(index)".utf8))
            }
            for name in names { _ = try directory.createFile(name) }
            try directory.makeDirectory("below", mode: 0o700)
            let entries = try directory.entries()
            #expect(Set(entries.filter { $0.kind == .regular }.map(\.name)) == names)
            #expect(entries.filter { $0.kind == .directory }.map(\.name) == [Array("below".utf8)])
            #expect(entries.count == names.count + 1)
            #expect(Set(try directory.entries()) == Set(entries))
            let status = try directory.status(of: "below")
            #expect(entries.contains { $0.inode == status.inode && $0.kind == .directory })
        }
    }

    @Test(
        "accepts no name that leads elsewhere",
        arguments: ["", ".", "..", "/", "a/b", "../a", "/etc", "a\0"])
    func names(_ name: String) throws {
        try withTemporaryDirectory { (_, directory) throws in
            #expect(errorNumber { _ = try directory.openFile(name) } == EINVAL)
            #expect(errorNumber { _ = try directory.openDirectory(name) } == EINVAL)
            #expect(errorNumber { _ = try directory.createFile(name) } == EINVAL)
            #expect(errorNumber { _ = try directory.createOrTruncate(name) } == EINVAL)
            #expect(errorNumber { _ = try directory.status(of: Array(name.utf8)) } == EINVAL)
            #expect(errorNumber { try directory.makeDirectory(name, mode: 0o700) } == EINVAL)
            #expect(errorNumber { try directory.makeSymlink(to: "x", name) } == EINVAL)
            #expect(errorNumber { try directory.rename("x", to: name) } == EINVAL)
            #expect(errorNumber { try directory.rename(name, to: "x") } == EINVAL)
            #expect(errorNumber { try directory.remove(name) } == EINVAL)
            #expect(errorNumber { try directory.setMode(name, 0o700) } == EINVAL)
            let other = try directory.duplicate()
            #expect(errorNumber { try directory.makeLink("x", to: name, in: other) } == EINVAL)
        }
    }

    @Test("follows no symbolic link")
    func links() throws {
        try withTemporaryDirectory { (path, directory) throws in
            try directory.makeDirectory("d", mode: 0o700)
            let file = try directory.createFile("f", mode: 0o600)
            try file.write([1])
            try directory.makeSymlink(to: "d", "to-d")
            try directory.makeSymlink(to: [0x66], "to-f")
            #expect(try directory.readLink("to-f") == [0x66])
            #expect(try directory.status(of: "to-f").kind == .symlink)
            #expect(try directory.status(of: "to-f", follow: true).kind == .regular)
            #expect(errorNumber { _ = try directory.openFile("to-f") } == ELOOP)
            #expect(errorNumber { _ = try directory.openToChange("to-f") } == ELOOP)
            #expect(errorNumber { _ = try directory.createOrTruncate("to-f") } == ELOOP)
            #expect(errorNumber { _ = try directory.createFile("to-f") } == EEXIST)
            #expect(errorNumber { _ = try directory.openDirectory("to-d") } == ENOTDIR)

            try directory.setMode("to-f", 0o777)
            try directory.setTimes("to-f", mtimeNanoseconds: -5)
            try directory.setOwner("to-f", uid: Accounts.currentUser, gid: getegid())
            let status = try directory.status(of: "f")
            #expect(status.mode == 0o600 && status.size == 1 && status.mtime > 0)
            #expect(try directory.status(of: "to-f").mtime == -5)
        }
    }

    @Test(
        "sets times to the nanosecond, modes and owners",
        arguments: [0, 1, -1, -1_000_000_001, 1_700_000_000_123_456_789])
    func attributes(_ time: Int64) throws {
        try withTemporaryDirectory { (_, directory) throws in
            let file = try directory.createFile("f")
            try file.setTimes(mtimeNanoseconds: time)
            #expect(try file.status().mtime == time)
            try directory.setTimes("f", mtimeNanoseconds: time + 1)
            try directory.setMode("f", 0o4751)
            let status = try directory.status(of: "f")
            #expect(status.mtime == time + 1 && status.mode == 0o4751)
            try file.setMode(0o600)
            try file.setOwner(uid: status.uid, gid: status.gid)
            #expect(try file.status().mode == 0o600)
            #expect(try directory.status(of: "f").links == 1)
        }
    }

    @Test("makes, renames, links and removes")
    func changes() throws {
        try withTemporaryDirectory { (_, directory) throws in
            _ = try directory.createFile("a")
            _ = try directory.createFile("b")
            try directory.rename("a", to: "b")
            try directory.rename("b", to: "c")
            let other = try directory.duplicate()
            try directory.makeLink("d", to: "c", in: other)
            #expect(try directory.status(of: "d").links == 2)
            #expect(errorNumber { try directory.makeLink("d", to: "c", in: other) } == EEXIST)
            try directory.makeNode("pipe", kind: .fifo, mode: 0o600)
            #expect(try directory.status(of: "pipe").kind == .fifo)
            // Opening a fifo that nobody writes to must not wait.
            _ = try directory.openFile("pipe")
            #expect(errorNumber { try directory.makeNode("x", kind: .regular, mode: 0) } == EINVAL)
            #expect(errorNumber { try directory.makeDirectory("c", mode: 0o700) } == EEXIST)
            try directory.makeDirectory("e", mode: 0o700)
            #expect(errorNumber { try directory.remove("e") } == EISDIR)
            try directory.removeDirectory("e")
            for name in ["c", "d", "pipe"] { try directory.remove(name) }
            #expect(try directory.entries() == [])
        }
    }

    @Test("opens what lies several levels below it, through no link and not above itself")
    func below() throws {
        try withTemporaryDirectory { (path, directory) throws in
            try File.makeDirectories(path + "/a/b/c")
            try directory.makeSymlink(to: "a", "link")
            let found = try directory.openDirectory(below: Array("a/b/c".utf8))
            try found.makeDirectory("d", mode: 0o700)
            #expect(try File.status(of: path + "/a/b/c/d").kind == .directory)
            for bad in ["link/b", "a/../..", "..", "/", "", "a\0", "a/x", "/tmp"] {
                #expect(
                    errorNumber { _ = try directory.openDirectory(below: Array(bad.utf8)) } != nil)
            }
        }
    }
}
