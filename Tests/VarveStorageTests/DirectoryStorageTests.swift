import Glibc
import Synchronization
import Testing
import VarveStorage
import VarveSystem

@Suite("A directory storage")
struct DirectoryStorageTests {
    /// Runs `body` and answers the calls it made, temporary names shown as ".tmp" alone.
    private func calls(below root: String, _ body: () throws -> Void) rethrows -> [String] {
        let calls = Mutex<[String]>([])
        try FileFaults.with(
            under: root,
            { call, path in
                let changing: [SystemCall] = [.create, .write, .sync, .link, .rename, .remove]
                if changing.contains(call) || call == .makeDirectory {
                    // The random part of a temporary name is cut off.
                    let parts = path.dropFirst(root.count).split(
                        separator: "-", omittingEmptySubsequences: false)
                    calls.withLock { $0.append("\(call) \(parts.first ?? "")") }
                }
                return nil
            }, body)
        return calls.withLock { $0 }
    }

    @Test("writes, syncs, names and syncs the directory, in this order")
    func orderOfAPut() throws {
        try withDirectoryStorage { (storage, root) throws in
            let first = try calls(below: root) { try storage.put("index/a", [1]) }
            #expect(
                first == [
                    "makeDirectory /index", "sync ", "create /index/.tmp", "write /index/.tmp",
                    "sync /index/.tmp", "rename /index/a", "sync /index",
                ])
            let again = try calls(below: root) { try storage.put("index/a", [1]) }
            #expect(again == ["sync /index"])
        }
    }

    @Test("a disk that is gone says nothing of what lies on it, one that cannot read it does")
    func gone() throws {
        try withDirectoryStorage { (storage, root) throws in
            try storage.put("index/a", [1])
            for (number, kind) in [(ENOTCONN, StorageError.Kind.denied), (EIO, .failed)] {
                FileFaults.with(under: root, { $1.hasSuffix("/index/a") ? number : nil }) {
                    #expect(kindThrown { _ = try storage.get("index/a", limit: 1) } == kind)
                }
            }
        }
    }

    @Test("removes what killed programs left, and what somebody writes to now stays")
    func unfinished() throws {
        try withDirectoryStorage { (storage, root) throws in
            try storage.put("index/a", [1])
            let staged = try storage.stage()
            try File.createExclusively(root + "/index/.tmp-old").write([1])
            let count = {
                try ["packs", "index"].reduce(0) { count, name in
                    try count + File.openDirectory(root + "/" + name).entries().count
                }
            }
            storage.removeUnfinished(before: Clock.wallNanoseconds() - 3_600_000_000_000)
            #expect(try count() == 3)
            storage.removeUnfinished(before: .max)
            #expect(try count() == 1)
            #expect(try storage.list("").map(\.name) == ["index/a"])
            staged.discard()
        }
    }

    @Test("a create links after both copies are on the disk")
    func orderOfACreate() throws {
        try withDirectoryStorage { (storage, root) throws in
            try storage.put("log/0", [1])
            let made = try calls(below: root) {
                _ = try storage.create("log/1", [1], copies: .two)
            }
            let copy = ["create /log/.tmp", "write /log/.tmp", "sync /log/.tmp"]
            let end = [
                "link /log/1", "link /log/1.copy", "sync /log", "remove /log/.tmp",
                "remove /log/.tmp",
            ]
            #expect(made == copy + copy + end)
        }
    }

    @Test("a remove syncs the directory, whether there was something or not")
    func orderOfARemove() throws {
        try withDirectoryStorage { (storage, root) throws in
            try storage.put("keys/a", [1], copies: .two)
            let removed = try calls(below: root) { try storage.remove("keys/a") }
            #expect(removed == ["remove /keys/a", "remove /keys/a.copy", "sync /keys"])
            let again = try calls(below: root) { try storage.remove("keys/a") }
            // The first may have ended in front of its sync.
            #expect(again == removed)
        }
    }

    @Test("settling syncs the directory of what was found")
    func settling() throws {
        try withDirectoryStorage { (storage, root) throws in
            try storage.put("log/1", [1])
            #expect(try calls(below: root) { try storage.settle("log/") } == ["sync /log"])
            #expect(kindThrown { try storage.settle("../") } == .refused)
        }
    }

    @Test("a create that cannot link the second copy makes the first one's name durable")
    func createWithoutCopy() throws {
        try withDirectoryStorage { (storage, root) throws in
            try storage.put("log/0", [1])
            let noCopy: FaultPlan = { call, path in
                call == .link && path.hasSuffix(".copy") ? ENOSPC : nil
            }
            let made = FileFaults.with(under: root, noCopy) {
                calls(below: root) {
                    let create = { _ = try storage.create("log/1", [1], copies: .two) }
                    #expect(kindThrown(by: create) == .noSpace)
                }
            }
            #expect(made.contains("link /log/1") && made.contains("sync /log"))
            #expect(try storage.get("log/1", limit: 1) == [1])
            let noSync: FaultPlan = { call, path in
                call == .sync && path.hasSuffix("/log") ? EIO : noCopy(call, path)
            }
            FileFaults.with(under: root, noSync) {
                let create = { _ = try storage.create("log/2", [1], copies: .two) }
                #expect(kindThrown(by: create) == .unsynced)
            }
        }
    }

    @Test("a published pack is synced before it has its name")
    func orderOfPublishing() throws {
        try withDirectoryStorage { (storage, root) throws in
            let staged = try storage.stage()
            try staged.append([1])
            let made = try calls(below: root) { try staged.publish(as: "packs/data/00/a") }
            #expect(
                made == [
                    "sync /packs/.tmp", "makeDirectory /packs/data", "sync /packs",
                    "makeDirectory /packs/data/00", "sync /packs/data", "rename /packs/data/00/a",
                    "sync /packs/data/00",
                ])
        }
    }

    @Test(
        "a failing call means an error, no object and no leftover",
        arguments: [SystemCall.create, .write, .sync, .link, .rename])
    func faults(_ failing: SystemCall) throws {
        try withDirectoryStorage { (storage, root) throws in
            try storage.put("log/0", [0])
            try storage.put("packs/data/00/0", [0])
            let isFile: @Sendable (String) -> Bool = { path in
                path.contains("/.tmp-") || path.hasSuffix("/1")
            }
            let plan: FaultPlan = { call, path in call == failing && isFile(path) ? EIO : nil }
            try FileFaults.with(under: root, plan) {
                if failing != .rename {
                    #expect(
                        kindThrown { _ = try storage.create("log/1", [1], copies: .two) } == .failed
                    )
                }
                if failing != .link {
                    #expect(kindThrown { try storage.put("log/1", [1]) } == .failed)
                    #expect(kindThrown { try stageAndPublish(storage) } == .failed)
                }
                let left = try filesBelow(root)
                #expect(left == ["log/0", "packs/data/00/0"])
            }
            #expect(try storage.create("log/1", [1], copies: .two))
        }
    }

    @Test("a failing call is told with its path, once")
    func sentence() throws {
        try withDirectoryStorage { (storage, root) throws in
            FileFaults.with(under: root, { call, _ in call == .write ? ENOSPC : nil }) {
                let error = #expect(throws: StorageError.self) { try stageAndPublish(storage) }
                #expect(error?.kind == .noSpace)
                let sentence = error?.description ?? ""
                #expect(sentence.hasPrefix("cannot write \(root)/packs/"), "\(sentence)")
            }
        }
    }

    private func stageAndPublish(_ storage: any Storage) throws {
        let staged = try storage.stage()
        try staged.append([1])
        try staged.publish(as: "packs/data/00/1")
    }

    @Test("a sync that failed is not tried again")
    func syncIsTriedOnce() throws {
        try withDirectoryStorage { (storage, root) throws in
            try storage.put("log/0", [0])
            let syncs = Mutex(0)
            let plan: FaultPlan = { call, path in
                guard call == .sync, path.contains("/.tmp-") else { return nil }
                return syncs.withLock {
                    $0 += 1
                    return $0 == 1 ? EIO : nil
                }
            }
            FileFaults.with(under: root, plan) {
                #expect(kindThrown { try storage.put("log/1", [1]) } == .failed)
            }
            #expect(syncs.withLock { $0 } == 1)
            #expect(try filesBelow(root) == ["log/0"])
        }
    }

    @Test("a directory whose sync failed makes the put fail")
    func directorySync() throws {
        try withDirectoryStorage { (storage, root) throws in
            try storage.put("log/0", [0])
            FileFaults.with(
                under: root,
                { call, path in
                    call == .sync && path.hasSuffix("/log") ? EIO : nil
                }
            ) {
                #expect(kindThrown { _ = try storage.create("log/1", [1]) } == .unsynced)
                #expect(kindThrown { try storage.put("log/0", [0]) } == .failed)
            }
            // The name may be there: the caller has to look. It is there here.
            #expect(try storage.get("log/1", limit: 1) == [1])
        }
    }

    @Test(
        "a full disk is told as such",
        arguments: [SystemCall.create, .write, .sync, .makeDirectory])
    func fullDisk(_ failing: SystemCall) throws {
        try withDirectoryStorage { (storage, root) throws in
            FileFaults.with(under: root, { call, _ in call == failing ? ENOSPC : nil }) {
                #expect(kindThrown { try storage.put("log/1", [1]) } == .noSpace)
                #expect(kindThrown { _ = try storage.create("log/1", [1]) } == .noSpace)
                #expect(kindThrown { try stageAndPublish(storage) } == .noSpace)
            }
            #expect(try filesBelow(root) == [])
        }
    }

    @Test("a listing that cannot be completed is an error")
    func listingErrors() throws {
        try withDirectoryStorage { (storage, root) throws in
            try storage.put("a/1", [1])
            try storage.put("b/1", [1])
            for (failing, place) in [
                (SystemCall.list, "/b"), (.openDirectory, "/b"), (.status, "/b/1"),
            ] {
                FileFaults.with(
                    under: root + place,
                    { call, path in
                        // Directories are opened by a path that ends in a slash.
                        call == failing ? EIO : nil
                    }
                ) {
                    #expect(kindThrown { _ = try storage.list("") } == .failed)
                }
            }
            #expect(try storage.list("").count == 2)
        }
    }

    @Test("does not exist until it is made, and says so when it goes away")
    func missingRoot() throws {
        try withTemporaryDirectory { (path) throws in
            let root = path + "/a/b/repository"
            #expect(kindThrown { _ = try DirectoryStorage(path: root, create: false) } == .missing)
            let storage = try DirectoryStorage(path: root, create: true)
            _ = try DirectoryStorage(path: root, create: false)
            try File.removeDirectory(root)
            for problem in [
                { try storage.put("a", [1]) }, { _ = try storage.list("") },
                { _ = try storage.create("log/1", [1]) }, { try storage.remove("a") },
                { _ = try storage.get("a", limit: 1) }, { _ = try storage.stage() },
            ] as [() throws -> Void] {
                let error = #expect(throws: StorageError.self) { try problem() }
                #expect(error?.kind == .missing && error?.name == root)
            }
            try File.createExclusively(root).close()
            #expect(kindThrown { _ = try DirectoryStorage(path: root, create: true) } == .refused)
        }
    }

    @Test("keeps a reserve that no listing shows")
    func reserve() throws {
        try withDirectoryStorage { (storage, root) throws in
            #expect(try !storage.hasReserve)
            try storage.makeReserve(storedBytes: 1 << 30)
            try storage.makeReserve(storedBytes: 1 << 30)
            #expect(try File.status(of: root + "/reserve").blocks >= 2048)
            #expect(try storage.list("") == [])
            try storage.releaseReserve()
            try storage.releaseReserve()
            #expect(try !storage.hasReserve)
        }
    }

    @Test("keeps no unfinished files of a dropped object, and lists none")
    func unfinishedFiles() throws {
        try withDirectoryStorage { (storage, root) throws in
            do {
                let staged = try storage.stage()
                try staged.append([1])
                #expect(try filesBelow(root).count == 1)
                #expect(try storage.list("") == [])
            }
            #expect(try filesBelow(root) == [])
        }
    }

    @Test("makes a directory again that another process removed")
    func removedDirectory() throws {
        try withDirectoryStorage { (storage, root) throws in
            try storage.put("a/b/1", [1])
            try storage.remove("a/b/1")
            try File.removeDirectory(root + "/a/b")
            try File.removeDirectory(root + "/a")
            try storage.put("a/b/2", [1])
            #expect(try storage.list("").map(\.name) == ["a/b/2"])
        }
    }

    @Test("leaves nothing of a probe")
    func probeLeavesNothing() throws {
        try withDirectoryStorage { (storage, root) throws in
            try probeCreateOnly(storage, racers: 4, rounds: 2)
            #expect(try File.openDirectory(root).entries().isEmpty)
        }
    }

    @Test("reads from many files at once while they are replaced and removed")
    func readersAndWriters() throws {
        try withDirectoryStorage { storage, _ in
            for index in 0..<80 { try storage.put("p/\(index)", [UInt8(index), 1, 2, 3]) }
            try WorkerThreads.run(count: 4) { worker in
                for turn in 0..<2000 {
                    let index = (turn * 7 + worker * 13) % 80
                    #expect(try storage.read("p/\(index)", at: 0, count: 1) == [UInt8(index)])
                    if turn % 400 == 399 {
                        try storage.put(
                            "p/\(index)", [UInt8](repeating: UInt8(index), count: worker + 5))
                    }
                }
            }
        }
    }
}
