import Synchronization
import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

@Suite("A restore into a target that somebody changes meanwhile")
struct HostileRaceTests {
    private var rounds: Int { TestRun.isLong ? 4_000 : 40 }

    @Test("leaves everything outside as it was, when directories become links and back")
    func directories() throws {
        let (box, repository) = try Sandbox.inMemory()
        let world = try OutsideWorld(box.path + "/outside")
        let files = ["child", "file", "link", "x"].map { HandmadeEntry.file($0, [1, 2, 3]) }
        let below = HandmadeEntry.directory("directory", files)
        let stored = try box.store(
            (10..<30).map { number in
                .directory(
                    "d\(number)",
                    [
                        files[0], below, files[1], HandmadeEntry(.fifo, Array("fifo".utf8)),
                        files[2], files[3], .file("z", [9, 9], group: 1),
                    ])
            }, repository, sources: ["/"])
        let before = try world.picture()
        let swaps = Atomic(0)
        for round in 0..<rounds {
            try race(box, world.path, swaps) {
                _ = try? box.restore(stored, repository) {
                    $0.deletes = round % 2 == 1
                    $0.overwrite = round % 3 == 2 ? .ifNewer : .always
                }
            }
            let after = try world.picture()
            #expect(after == before)
        }
        let made = swaps.load(ordering: .relaxed)
        #expect(made > 0)
    }

    /// Runs `body` while a thread gives the names of directories to links to the outside, and back.
    private func race(
        _ box: Sandbox, _ outside: String, _ swaps: borrowing Atomic<Int>, _ body: () throws -> Void
    ) throws {
        try File.makeDirectories(box.target)
        let target = box.target
        let isOver = Atomic(false)
        let made = Atomic(0)
        let swapper = try WorkerThreads.start(count: 1, name: "swap") { _ in
            var number = 0
            while !isOver.load(ordering: .relaxed) {
                number += 1
                let top = target + "/d\(10 + number % 20)"
                let path = number % 3 == 0 ? top + "/directory" : top
                let aside = target + "/aside\(number)"
                guard (try? File.rename(path, to: aside)) != nil else { continue }
                if let directory = try? File.openDirectory(File.parent(of: path)) {
                    let name = String(path.split(separator: "/").last ?? "")
                    let away = name == "directory" ? outside + "/directory" : outside
                    try? directory.makeSymlink(to: away, name)
                    made.wrappingAdd(1, ordering: .relaxed)
                    try? directory.remove(name)
                }
                try? File.rename(aside, to: path)
            }
        }
        defer {
            isOver.store(true, ordering: .relaxed)
            try? swapper.join()
            swaps.wrappingAdd(made.load(ordering: .relaxed), ordering: .relaxed)
        }
        try body()
    }
}
