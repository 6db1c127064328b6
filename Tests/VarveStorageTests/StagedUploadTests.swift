import TestSupport
import Testing
import VarveStorage
import VarveSystem

@Suite("An object that grows on this machine")
struct StagedUploadTests {
    @Test("lies in a file for its owner alone, which is gone once it was put")
    func publish() throws {
        try withTemporaryDirectory { path in
            let storage = MemoryStorage()
            let staged = try StagedUpload(in: path + "/a/b", to: storage)
            try staged.append([1, 2, 3])
            let name = try #require(try filesBelow(path).first)
            #expect(try File.status(of: path + "/" + name).mode & 0o777 == 0o600)
            #expect(storage.contents.isEmpty)
            try staged.publish(as: "packs/x")
            #expect(storage.contents == ["packs/x": [1, 2, 3]])
            #expect(try filesBelow(path).isEmpty)
        }
    }

    @Test("leaves no file when it is dropped, discarded, or cannot be put")
    func gone() throws {
        try withTemporaryDirectory { path in
            _ = try StagedUpload(in: path, to: MemoryStorage())
            #expect(try filesBelow(path).isEmpty)
            let discarded = try StagedUpload(in: path, to: MemoryStorage())
            discarded.discard()
            #expect(try filesBelow(path).isEmpty)
            let faulty = FaultyStorage(MemoryStorage(), .once(at: 1))
            let staged = try StagedUpload(in: path, to: faulty)
            try staged.append([1])
            #expect(kindThrown { try staged.publish(as: "packs/x") } == .failed)
            #expect(faulty.faults == 1)
            #expect(try filesBelow(path).isEmpty)
        }
    }

    @Test("stays where it is kept, and is removed where it is not")
    func keep() throws {
        try withTemporaryDirectory { path in
            for isKept in [true, false] {
                let staged = try StagedUpload(in: path, to: MemoryStorage()) { file, name in
                    #expect(name == "packs/x")
                    return isKept && (try? File.rename(file, to: path + "/kept")) != nil
                }
                try staged.append([7])
                try staged.publish(as: "packs/x")
                #expect(try filesBelow(path) == ["kept"])
            }
        }
    }

    @Test("a full disk of this machine does not look like a full storage")
    func full() throws {
        try withTemporaryDirectory { path in
            let storage = MemoryStorage()
            let staged = try StagedUpload(in: path, to: storage)
            FileFaults.with(under: path, { call, _ in call == .write ? 28 : nil }) {
                let error = #expect(throws: StorageError.self) { try staged.append([1]) }
                #expect(error?.kind == .denied)
                #expect(error?.reason.contains("make room there") == true)
            }
            FileFaults.with(under: path, { call, _ in call == .create ? 28 : nil }) {
                #expect(kindThrown { _ = try StagedUpload(in: path, to: storage) } == .denied)
            }
        }
    }

    @Test("what killed programs left is removed once it is old")
    func unfinished() throws {
        try withTemporaryDirectory { path in
            for (name, time) in [(".tmp-old", 1_000), (".tmp-new", 3_000), ("other", 1_000)] {
                let file = try File.createExclusively(path + "/" + name)
                try file.setTimes(mtimeNanoseconds: Int64(time))
            }
            StagedUpload.removeUnfinished(in: path, before: 2_000)
            #expect(try filesBelow(path) == [".tmp-new", "other"])
        }
    }
}
