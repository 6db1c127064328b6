import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveMount

@Suite("What is known of directories")
struct OpenDirectoriesTests {
    private let depot: Depot
    private let files: FileSystem

    init() throws {
        depot = try Depot()
        try depot.write("a/b/file", [1])
        try depot.write("a/one", [2])
        try File.link(depot.source + "/a/one", to: depot.source + "/a/two")
        try depot.snapshot()
        files = try depot.files()
    }

    /// Looks up a path and forgets all on it again, the last first or last.
    private func walk(_ path: String) throws -> [FileNumber] {
        let target = String(
            decoding: try files.target(of: files.find("latest").number), as: UTF8.self)
        files.forget(try files.find("latest").number, 2)
        var numbers: [FileNumber] = [.root]
        for name in (target + path).split(separator: "/") {
            numbers.append(
                try files.lookup(Array(name.utf8), in: try #require(numbers.last)).number)
        }
        return Array(numbers.dropFirst())
    }

    @Test("is gone when the kernel has forgotten each as often as it was told of it")
    func forgotten() throws {
        let first = try walk(depot.source + "/a/b/file")
        let second = try walk(depot.source + "/a/b/file")
        #expect(first == second)
        let known = files.directories.counts
        // Nothing is opened for the directory of all ids, nor for the file.
        #expect(known.known == first.count - 1 && known.opened == first.count - 2)
        for number in first.reversed() { files.forget(number, 1) }
        #expect(files.directories.counts == known)
        #expect(try files.bytes(second[second.count - 1], 0, 9) == [1])
        for number in second { files.forget(number, 1) }
        let left = files.directories.counts
        #expect(left.known == 0 && left.opened == 0 && left.linked == 0)
        #expect(throws: Refusal.stale) { try files.bytes(second[second.count - 1], 0, 9) }
    }

    @Test("keeps what a file of several names needs until that is forgotten, too")
    func linked() throws {
        let one = try walk(depot.source + "/a/one")
        let two = try walk(depot.source + "/a/two")
        let file = try #require(one.last)
        #expect(two.last == file)
        for number in one.dropLast() + two.dropLast() { files.forget(number, 1) }
        #expect(files.directories.counts == (0, 1, 1))
        #expect(try files.bytes(file, 0, 9) == [2])
        files.forget(file, 1)
        #expect(try files.bytes(file, 0, 9) == [2])
        files.forget(file, 1)
        #expect(files.directories.counts == (0, 0, 0))
    }

    @Test("stays as it is when the kernel forgets what it was never told of")
    func strangers() throws {
        let known = files.directories.counts
        for number: UInt64 in [0, 1 << 40, 1 << 63 | 7, .max, 99] {
            files.forget(FileNumber(rawValue: number), 3)
            #expect(throws: Refusal.self) { try files.bytes(FileNumber(rawValue: number), 0, 1) }
        }
        #expect(files.directories.counts == known)
    }
}
