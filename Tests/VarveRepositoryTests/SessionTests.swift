import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("A session of writing")
struct SessionTests {
    struct GivenUp: Error {}

    @Test("that ends without a commit leaves nothing that a later snapshot relies on")
    func failed() throws {
        let depot = try Depot()
        let repository = try depot.create()
        let chunks = [noise(20_000, seed: 1), noise(30_000, seed: 2)]
        #expect(throws: GivenUp.self) {
            try repository.store(chunks) { throw GivenUp() }
        }
        let id = try repository.store(chunks)
        #expect(try repository.chunks(of: id) == chunks)
        #expect(try depot.open(machine: "other").chunks(of: id) == chunks)
    }

    @Test("beside another one of the same process does not rely on what that may yet give up")
    func overlapping() throws {
        let depot = try Depot()
        let repository = try depot.create()
        let chunks = [noise(20_000, seed: 1), noise(30_000, seed: 2)]
        var inner: SnapshotID?
        #expect(throws: GivenUp.self) {
            try repository.store(chunks) {
                inner = try depot.open().store(chunks)
                throw GivenUp()
            }
        }
        let id = try #require(inner)
        #expect(try depot.open(machine: "other").chunks(of: id) == chunks)
    }

    @Test("takes no frame of an earlier session for one of its own")
    func frames() throws {
        let depot = try Depot()
        var options = CreationOptions()
        options.frameBytes = 64 << 10
        let repository = try depot.create(options)
        for round in 0..<6 {
            let bytes = noise(60_000, seed: UInt64(round + 1))
            // So many edits that the features differ, and yet a difference would be short.
            for (part, first) in [bytes, bytes.edited(150)].enumerated() {
                // The last one resembles the first, which lies in a frame of this session.
                let filler = noise(64 << 10, seed: UInt64(round * 2 + part + 77))
                let chunks = [first, filler, first.edited(9_001)]
                let id = try repository.store(chunks)
                let other = try depot.open(machine: "other")
                #expect(try other.chunks(of: id) == chunks, "round \(round)")
            }
        }
        let frames = try repository.tables().flatMap(\.table.frames)
        #expect(frames.contains { $0.codec == .delta })
    }
}
