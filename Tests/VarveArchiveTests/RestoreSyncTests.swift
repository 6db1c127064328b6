import Synchronization
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveArchive

@Suite("What was restored")
struct RestoreSyncTests {
    let box: Sandbox
    let repository: Repository

    init() throws {
        (box, repository) = try Sandbox.inMemory()
    }

    @Test(
        "is on the disk before that is said, if it is asked for, and what the disk refuses is told")
    func synced() throws {
        let stored = try box.store([.directory("d", [.file("a", [1])])], repository)
        let calls = Mutex<[SystemCall]>([])
        for number in [0, 28] as [Int32] {
            let report = try FileFaults.with(under: box.target) { call, _ in
                calls.withLock { $0.append(call) }
                return call == .syncFileSystem && number != 0 ? number : nil
            } _: {
                try box.restore(stored, repository) { $0.syncs = true }
            }
            #expect(report.issues.count == (number == 0 ? 0 : 1))
            #expect(calls.withLock { $0.last } == .syncFileSystem)
        }
        #expect(calls.withLock { $0.filter { $0 == .syncFileSystem }.count } == 2)
        calls.withLock { $0 = [] }
        _ = try FileFaults.with(under: box.target) { call, _ in
            calls.withLock { $0.append(call) }
            return nil
        } _: {
            _ = try box.restore(stored, repository) {
                $0.syncs = true
                $0.dryRun = true
            }
            _ = try box.restore(stored, repository)
        }
        #expect(calls.withLock { !$0.isEmpty && !$0.contains(.syncFileSystem) })
    }
}
