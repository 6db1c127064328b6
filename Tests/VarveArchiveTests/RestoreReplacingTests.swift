import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveArchive

@Suite("A restore that replaces")
struct RestoreReplacingTests {
    let box: Sandbox
    let repository: Repository

    init() throws {
        (box, repository) = try Sandbox.inMemory()
        try File.makeDirectory(box.target)
    }

    @Test(
        "leaves what has the name until there is what takes its place",
        arguments: [SystemCall.makeSymlink, .makeNode, .link, .makeDirectory], [true, false])
    func failing(call failing: SystemCall, isDirectory: Bool) throws {
        let fifo = HandmadeEntry(.fifo, Array("x".utf8))
        let entries: [HandmadeEntry] =
            switch failing {
            case .makeSymlink: [.symlink("x", to: "y")]
            case .makeNode: [fifo]
            case .link: [.file("a", [1], group: 1), .file("x", [1], group: 1)]
            default: [.directory("x", [])]
            }
        if isDirectory, failing == .makeDirectory { return }
        let stored = try box.store(entries, repository, sources: ["/"])
        let old = box.target + (isDirectory ? "/x/old" : "/x")
        if isDirectory { try File.makeDirectory(box.target + "/x") }
        try File.createOrTruncate(old).write([9])
        func restore() throws -> RestoreReport {
            try box.restore(stored, repository) { $0.deletes = true }
        }
        let report = try FileFaults.with(under: box.target + "/") { call, _ in
            call == failing ? 5 : nil
        } _: {
            try restore()
        }
        #expect(report.issues.map(\.path) == ["/x"])
        #expect(try File.contents(of: old, limit: 9) == [9])
        #expect(try restore().issues.isEmpty)
        #expect(
            try File.status(of: box.target + "/x", follow: false).kind != .regular
                || failing == .link)
        #expect(try File.openDirectory(box.target).entries().count == entries.count)
    }

    @Test("a directory that takes a file's place leaves the file when it cannot be renamed")
    func directory() throws {
        let stored = try box.store([.directory("x", [.file("y", [1])])], repository)
        try File.createOrTruncate(box.target + "/x").write([9])
        let report = try FileFaults.with(under: box.target) { call, path in
            call == .remove && path.hasSuffix("/x") ? 16 : nil
        } _: {
            try box.restore(stored, repository)
        }
        #expect(report.issues.map(\.path) == ["/x"])
        #expect(try listing(box.target).keys.sorted() == ["x"])
        #expect(try box.restore(stored, repository).issues.isEmpty)
        #expect(try listing(box.target).keys.sorted() == ["x", "x/y"])
    }

    @Test("takes away an empty directory that a killed run left, and none that holds something")
    func leftovers() throws {
        let stored = try box.store([.file("f", [1])], repository)
        let (empty, full) = (TemporaryName.make(), TemporaryName.make())
        let target = try File.openDirectory(box.target)
        for name in [empty, full] { try target.makeDirectory(name, mode: 0o700) }
        _ = try target.openDirectory(full).createFile(Array("mine".utf8))
        #expect(try box.restore(stored, repository).issues.isEmpty)
        #expect(try Set(target.entries().map(\.name)) == [full, Array("f".utf8)])
    }
}
