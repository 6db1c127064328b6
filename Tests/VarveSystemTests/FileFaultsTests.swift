import Glibc
import Synchronization
import Testing
import VarveSystem

@Suite("A fault plan")
struct FileFaultsTests {
    @Test("fails the calls it names, below its directory, while it is in force")
    func plan() throws {
        try withTemporaryDirectory { (path, directory) throws in
            let file = try directory.createFile("a")
            FileFaults.with(under: path, { call, _ in call == .write ? ENOSPC : nil }) {
                let error = #expect(throws: SystemError.self) { try file.write([1]) }
                #expect(error?.description == "cannot write \(path)/a: No space left on device")
                #expect(errorNumber { try file.sync() } == nil)
            }
            FileFaults.with(under: path + "-other", { _, _ in EIO }) {
                #expect(errorNumber { try file.write([1]) } == nil)
            }
            #expect(try file.size == 1)
        }
    }

    @Test("interrupts calls and cuts them short, and is told of those that succeed")
    func watch() throws {
        try withTemporaryDirectory { (path, directory) throws in
            let asked = Mutex<[SystemCall]>([])
            let done = Mutex<[SystemCall]>([])
            let watch = FileWatch(
                fault: { call, _ in
                    asked.withLock { $0.append(call) }
                    return asked.withLock { $0.count % 2 == 1 } ? EINTR : nil
                },
                length: { _, _, bytes in min(bytes, 2) },
                success: { call, _ in done.withLock { $0.append(call) } })
            let read = try FileFaults.with(under: path, watch) { () throws in
                try directory.createFile("a").write([1, 2, 3, 4, 5])
                #expect(errorNumber { _ = try directory.createFile("a") } == EEXIST)
                return try File.contents(of: path + "/a", limit: 10)
            }
            #expect(read == [1, 2, 3, 4, 5])
            let calls = done.withLock { $0 }
            #expect(calls.filter { $0 == .write }.count == 3)
            #expect(calls.filter { $0 == .read }.count == 4)
            #expect(calls.filter { $0 == .create }.count == 1)
            // Each but the refused one was asked about twice.
            #expect(asked.withLock { $0.count } == 2 * calls.count + 2)
        }
    }

    @Test("sees every kind of call on a file")
    func coverage() throws {
        try withTemporaryDirectory { (path, directory) throws in
            let seen = Mutex<Set<SystemCall>>([])
            try FileFaults.with(
                under: path,
                { call, _ in
                    seen.withLock { _ = $0.insert(call) }
                    return nil
                }
            ) { () throws in
                let file = try directory.createFile("a")
                try file.write([1])
                try file.sync()
                try file.truncate(to: 0)
                _ = try file.contents(limit: 1)
                try file.setMode(0o600)
                try file.setTimes(mtimeNanoseconds: 0)
                try file.close()
                _ = try directory.openFile("a")
                _ = try directory.entries()
                try directory.makeSymlink(to: "a", "l")
                _ = try directory.readLink("l")
                try directory.makeDirectory("d", mode: 0o700)
                _ = try directory.openDirectory("d")
                try directory.removeDirectory("d")
                try File.link(path + "/a", to: path + "/b")
                try directory.rename("b", to: "c")
                try directory.remove("c")
            }
            let expected: Set<SystemCall> = [
                .create, .write, .sync, .truncate, .status, .read, .setMode, .setTimes, .close,
                .openToRead, .list, .makeSymlink, .readLink, .makeDirectory, .openDirectory,
                .removeDirectory, .link, .rename, .remove,
            ]
            #expect(seen.withLock { $0 } == expected)
        }
    }
}
