import Glibc
import Testing
import VarveSystem

@Suite("A file")
struct FileTests {
    @Test("gives back what was written")
    func writeAndRead() throws {
        try withTemporaryDirectory { (path, _) throws in
            let bytes = randomBytes(300_000)
            let file = try File.createExclusively(path + "/a")
            try file.write(bytes)
            try bytes.withUnsafeBytes { try file.write($0, at: 300_000) }
            try file.sync()
            #expect(try file.size == 600_000)
            try file.truncate(to: 400_000)
            try file.close()

            let read = try File.contents(of: path + "/a", limit: 400_000)
            #expect(read == bytes + bytes.prefix(100_000))
            #expect(errorNumber { _ = try File.contents(of: path + "/a", limit: 399_999) } == EFBIG)
        }
    }

    @Test("reads until its end and says how much that was")
    func readFully() throws {
        try withTemporaryDirectory { (path, _) throws in
            let file = try File.createExclusively(path + "/a")
            try file.write([1, 2, 3, 4])
            var buffer = [UInt8](repeating: 0, count: 10)
            #expect(try buffer.withUnsafeMutableBytes { try file.readFully(at: 1, into: $0) } == 3)
            #expect(buffer.prefix(4) == [2, 3, 4, 0])
            #expect(try buffer.withUnsafeMutableBytes { try file.readFully(at: 9, into: $0) } == 0)
            let wrong = errorNumber {
                _ = try buffer.withUnsafeMutableBytes { try file.readFully(at: .max, into: $0) }
            }
            #expect(wrong == EINVAL)
        }
    }

    @Test("is made only where nothing has the name, not even a link to nowhere")
    func createExclusively() throws {
        try withTemporaryDirectory { (path, directory) throws in
            try directory.makeSymlink(to: path + "/nowhere", "link")
            #expect(errorNumber { _ = try File.createExclusively(path + "/link") } == EEXIST)
            _ = try File.createExclusively(path + "/a", mode: 0o640)
            #expect(errorNumber { _ = try File.createExclusively(path + "/a") } == EEXIST)
            #expect(try File.status(of: path + "/a").mode & 0o700 == 0o600)
        }
    }

    @Test("of /proc is read whole though its size says 0")
    func sizeless() throws {
        #expect(try !File.contents(of: "/proc/self/status", limit: 1 << 16).isEmpty)
        #expect(errorNumber { _ = try File.contents(of: "/proc/self/status", limit: 10) } == EFBIG)
        #expect(errorNumber { _ = try File.contents(of: "/dev/zero", limit: 9999) } == EFBIG)
    }

    @Test("that is missing, or a full disk, is told in a sentence")
    func sentences() throws {
        let error = #expect(throws: SystemError.self) { _ = try File.openToRead("/no/such") }
        #expect(error?.description == "cannot open /no/such: No such file or directory")
        #expect(error?.isMissing == true && error?.isNoSpace == false)
        let full = SystemError(.create, "/x/y", errno: ENOSPC)
        #expect(full.description == "cannot create /x/y: No space left on device")
        #expect(full.isNoSpace)
    }

    @Test("knows where a sparse file holds data")
    func sparse() throws {
        try withTemporaryDirectory { (path, _) throws in
            let file = try File.createExclusively(path + "/a")
            try [UInt8](repeating: 1, count: 4096).withUnsafeBytes {
                try file.write($0, at: 8 << 20)
            }
            try file.truncate(to: 16 << 20)
            let extents = try file.dataExtents()
            #expect(extents.contains { $0.contains(8 << 20) })
            #expect(extents.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= 16 << 20 })
            try file.truncate(to: 0)
            #expect(try file.dataExtents() == [])
        }
    }

    @Test("keeps extended attributes, where the file system does")
    func attributes() throws {
        try withTemporaryDirectory { (path, _) throws in
            let file = try File.createExclusively(path + "/a")
            let refusal = errorNumber {
                try file.setExtendedAttribute(Array("user.b".utf8), [0, 1, 2])
                try file.setExtendedAttribute(Array("user.a".utf8), [])
            }
            if refusal == EOPNOTSUPP { return }
            #expect(refusal == nil)
            let own = try file.extendedAttributes().filter { $0.name.starts(with: "user.".utf8) }
            #expect(own.map(\.name) == [Array("user.a".utf8), Array("user.b".utf8)])
            #expect(own.map(\.value) == [[], [0, 1, 2]])
            #expect(errorNumber { try file.setExtendedAttribute([], [1]) } == EINVAL)
        }
    }

    @Test("makes directories on the way, and knows what stands above")
    func paths() throws {
        try withTemporaryDirectory { (path, directory) throws in
            try File.makeDirectories(path + "/a/b/c/")
            try File.makeDirectories(path + "/a/b/c")
            #expect(try File.status(of: path + "/a/b/c").kind == .directory)
            _ = try directory.createFile("f")
            #expect(errorNumber { try File.makeDirectories(path + "/f") } == ENOTDIR)
            #expect(errorNumber { try File.makeDirectories(path + "/f/g") } == ENOTDIR)
        }
        #expect(File.parent(of: "/a/b") == "/a")
        #expect(File.parent(of: "/a/b/") == "/a")
        #expect(File.parent(of: "/a") == "/")
        #expect(File.parent(of: "/") == "/")
        #expect(File.parent(of: "a") == ".")
        #expect(File.parent(of: "a//b") == "a")
    }
}
