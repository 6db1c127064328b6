import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveSystem

@testable import VarveCatalog

@Suite("a session's index")
struct SessionIndexTests {
    private func place(_ slot: Int, _ number: Int = 0) -> SessionPlace {
        SessionPlace(
            packSlot: UInt32(slot), frameOffset: UInt32(number), frameBytes: 2, position: 3,
            rawBytes: 4, isDelta: number % 2 == 1)
    }

    @Test("gives each chunk to exactly one of eight threads")
    func claims() throws {
        var random = SeededNumbers(1)
        let ids: [ChunkID] = (0..<5000).map { _ in random.id() }
        let index = SessionIndex()
        let mine = Mutex([Int](repeating: 0, count: ids.count))
        try WorkerThreads.run(count: 8) { thread in
            var random = SeededNumbers(UInt64(thread))
            for ordinal in ids.indices.shuffled(using: &random) {
                guard index.claim(ids[ordinal]) == .mine else { continue }
                mine.withLock { $0[ordinal] += 1 }
                index.place(ids[ordinal], at: place(thread, ordinal))
            }
        }
        #expect(mine.withLock { $0.allSatisfy { $0 == 1 } })
        #expect(index.count == ids.count)
        for (ordinal, id) in ids.enumerated() {
            guard case .placed(let found) = index.claim(id) else {
                Issue.record("chunk \(ordinal) is not placed")
                continue
            }
            #expect(found == place(Int(found.packSlot), ordinal))
        }
    }

    @Test("answers as a dictionary does", arguments: 1...5)
    func sameAnswers(seed: Int) {
        var random = SeededNumbers(UInt64(seed))
        let ids: [ChunkID] = (0..<3000).map { _ in random.id() }
        let index = SessionIndex()
        var model: [ChunkID: SessionClaim] = [:]
        for step in 0..<20_000 {
            let id = ids[Int(random.next() % 3000)]
            switch random.next() % 8 {
            case 0:
                index.abandon(id)
                if model[id] == .pending { model[id] = nil }
            case 1, 2:
                let place = place(Int(random.next() % 8), step)
                index.place(id, at: place)
                model[id] = .placed(place)
            default:
                #expect(index.claim(id) == model[id] ?? .mine)
                model[id] = model[id] ?? .pending
            }
            if step % 4000 == 3999 {
                index.removePlaced(in: [1, 5, 99])
                model = model.filter {
                    guard case .placed(let place) = $0.value else { return true }
                    return place.packSlot != 1 && place.packSlot != 5
                }
            }
        }
        #expect(index.count == model.count)
        for id in ids { #expect(index.lookup(id) == model[id]) }
    }

    @Test("finds what resembles a chunk, best first, until its pack is in the catalog")
    func candidates() {
        var random = SeededNumbers(2)
        let index = SessionIndex()
        let ids: [ChunkID] = (0..<3).map { _ in random.id() }
        for (slot, id) in ids.enumerated() {
            #expect(index.claim(id) == .mine)
            index.place(id, at: place(slot))
        }
        index.registerFeatures(SuperFeatures(1, 2, 3), base: ids[0])
        index.registerFeatures(SuperFeatures(11, 2, 13), base: ids[1])
        index.registerFeatures(SuperFeatures(1, 22, 23), base: ids[2])
        for _ in 0..<1000 { index.registerFeatures(random.features(), base: ids[2]) }
        #expect(index.candidates(SuperFeatures(1, 2, 3)).count == 3)
        #expect(index.candidates(SuperFeatures(11, 2, 3)) == [ids[1], ids[0]])
        #expect(index.candidates(SuperFeatures(99, 22, 3)) == [ids[2], ids[0]])
        #expect(index.candidates(SuperFeatures(99, 98, 97)) == [])
        index.removePlaced(in: [2])
        #expect(index.candidates(SuperFeatures(1, 22, 23)) == [ids[0]])
        #expect(index.claim(ids[2]) == .mine)
    }
}
