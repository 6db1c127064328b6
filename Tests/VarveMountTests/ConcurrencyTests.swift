import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveMount

@Suite("Several threads that use one mount")
struct ConcurrencyTests {
    @Test("each read what they should, whatever the others look up, forget and take snapshots of")
    func everything() throws {
        let seed = TestRun.seed()
        let depot = try Depot()
        let contents = (0..<60).map { number in
            ("d\(number % 7)/f\(number)", noise(number * number * 500, seed: UInt64(number)))
        }
        for (name, bytes) in contents { try depot.write(name, bytes) }
        try depot.snapshot()
        let repository = try depot.open()
        try FrameAhead.run(repository) { ahead in
            let files = try depot.files(of: repository, ahead: ahead, pieceCacheBytes: 3_000)
            let isOver = Atomic(false)
            let taker = try WorkerThreads.start(count: 1, name: "taker") { _ in
                for time in 2..<6 { try depot.snapshot(Int64(time)) }
                isOver.store(true, ordering: .relaxed)
            }
            try WorkerThreads.run(count: 4, name: "reader") { thread in
                var numbers = SeededNumbers(seed &+ UInt64(thread))
                var rounds = 0
                while !isOver.load(ordering: .relaxed) || rounds < 100 {
                    rounds += 1
                    let (name, bytes) = contents[numbers.below(contents.count)]
                    try read(depot.source + "/" + name, bytes, files, &numbers)
                }
            }
            try taker.join()
            #expect(files.directories.counts.opened == 0)
        }
        #expect(depot.complaints == [])
    }

    /// Looks a file up, reads some of it, and forgets all on the way.
    private func read(
        _ path: String, _ bytes: [UInt8], _ files: FileSystem, _ numbers: inout SeededNumbers
    ) throws {
        let latest = try files.lookup(Array("latest".utf8), in: .root)
        let target = String(decoding: try files.target(of: latest.number), as: UTF8.self)
        var found = [try files.status(of: .root)]
        for name in (target + path).split(separator: "/") {
            found.append(try files.lookup(Array(name.utf8), in: found[found.count - 1].number))
        }
        let number = found[found.count - 1].number
        let start = numbers.below(bytes.count + 1)
        let end = min(bytes.count, start + numbers.below(200_000))
        #expect(try files.bytes(number, start, end - start) == Array(bytes[start..<end]))
        // As the kernel does: what is above is known as long as what is below is.
        for one in found.dropFirst().reversed() { files.forget(one.number, 1) }
        files.forget(latest.number, 1)
    }
}
