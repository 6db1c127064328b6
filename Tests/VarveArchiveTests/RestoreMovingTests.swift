import Glibc
import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveArchive

@Suite("A directory that is moved out of the target while it is restored")
struct RestoreMovingTests {
    let box: Sandbox
    let repository: Repository

    init() throws {
        (box, repository) = try Sandbox.inMemory()
        try File.makeDirectory(box.target)
    }

    /// Restores, and moves the target's `name` away right before a file is made whose path has `trigger` in it.
    private func restore(
        _ stored: RepositoryState.SnapshotEntry, moving name: String, at trigger: String,
        _ change: (inout RestoreOptions) -> Void = { _ in }
    ) throws -> RestoreReport {
        let isMoved = Atomic(false)
        let (target, outside) = (box.target + "/" + name, box.path + "/outside")
        return try FileFaults.with(under: box.target) { call, path in
            if call == .create, path.contains(trigger),
                !isMoved.exchange(true, ordering: .relaxed)
            {
                rename(target, outside)
            }
            return nil
        } _: {
            try box.restore(stored, repository) {
                $0.window.files = 4
                change(&$0)
            }
        }
    }

    @Test("gets no more than the files that were gathered, and is told; what follows is restored")
    func bounded() throws {
        let files = (0..<40).map { HandmadeEntry.file("\(100 + $0)", [1]) }
        let stored = try box.store(
            [.directory("d", [.directory("e", files)]), .file("z", [1])], repository)
        let report = try restore(stored, moving: "d", at: "/105")
        #expect(report.issues.map(\.path) == ["/d"])
        #expect(try listing(box.path + "/outside").count <= 10)
        #expect(try listing(box.target).keys.sorted() == ["z"])
    }

    @Test("loses nothing by --delete, and gets no attributes")
    func deletion() throws {
        let stored = try box.store([.directory("d", [.file("a", [1])])], repository, sources: ["/"])
        try File.makeDirectory(box.target + "/d", mode: 0o711)
        try File.createOrTruncate(box.target + "/d/mine").write([9])
        _ = try restore(stored, moving: "d", at: "/d/") { $0.deletes = true }
        let report = try box.restore(stored, repository)
        #expect(report.issues.isEmpty)
        #expect(try listing(box.path + "/outside").keys.contains("mine"))
        #expect(try File.status(of: box.path + "/outside").mode == 0o711)
    }
}
