import TestSupport
import Testing
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage

@Suite("An index segment")
struct IndexTests {
    /// Seals the only segment of a repository anew after a change, as one that its log names.
    private func forge(
        _ repository: Repository, _ storage: MemoryStorage,
        _ change: (inout [TableOfContents.Frame]) -> Void
    ) throws {
        let old = try #require(repository.state.segments.first)
        var packs = try repository.tables()
        for index in packs.indices where packs[index].table.contents == .data {
            change(&packs[index].table.frames)
        }
        var sealer = try UnitSealer(repository.keys)
        let bytes = try sealer.seal(.segment, body: Segment(packs: packs).encoded)
        let id = try #require(SegmentID(SHA256.digest(bytes)))
        #expect(id != old)
        storage.overwrite(ObjectName.segment(id), bytes)
        storage.removeQuietly(ObjectName.segment(old))
        try forgeRecord(repository, storage, naming: id)
    }

    /// Lets the only commit name another segment.
    private func forgeRecord(
        _ repository: Repository, _ storage: MemoryStorage, naming segment: SegmentID
    ) throws {
        let name = ObjectName.record(1)
        var sealer = try UnitSealer(repository.keys)
        let place = LogPlace(repository: repository.id, number: 1)
        let bytes = try storage.get(name, limit: 1 << 20)
        var record = try LogRecord(sealer.open(.record, bytes, place: place))
        guard case .commit(var commit) = record.event else {
            Issue.record("record 1 is no commit")
            return
        }
        commit.segments = [segment]
        record.event = .commit(commit)
        let forged = try sealer.seal(.record, body: record.encoded, place: place)
        for copy in [name, name + ".copy"] { storage.overwrite(copy, forged) }
    }

    @Test("that takes one chunk for another gives an error, never the other's bytes")
    func swapped() throws {
        let storage = MemoryStorage()
        let depot = try Depot(storage)
        let repository = try depot.create()
        let chunks = [noise(3_000, seed: 1), noise(3_000, seed: 2), noise(3_000, seed: 3)]
        let id = try repository.store(chunks)
        try forge(repository, storage) { frames in
            (frames[0].chunks[0].id, frames[0].chunks[1].id) =
                (frames[0].chunks[1].id, frames[0].chunks[0].id)
        }
        let opened = try depot.open(machine: "two")
        for _ in 0..<2 {
            let error = #expect(throws: RepositoryError.self) { try opened.chunks(of: id) }
            guard case .damaged = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("that places a chunk outside its frame or its pack gives an error")
    func outside() throws {
        let changes: [(inout [TableOfContents.Frame]) -> Void] = [
            { $0[0].bytes += 1 }, { $0[0].bytes -= 1 }, { $0[0].chunks.removeFirst() },
            { frames in frames[0].chunks.insert(frames[0].chunks[0], at: 1) },
            { $0[0].codec = .stored }, { $0[0].chunks[2].rawBytes += 1 },
        ]
        for (number, change) in changes.enumerated() {
            let storage = MemoryStorage()
            let depot = try Depot(storage)
            let repository = try depot.create()
            let chunks = [noise(3_000, seed: 1), noise(3_000, seed: 2), noise(3_000, seed: 3)]
            let id = try repository.store(chunks)
            try forge(repository, storage, change)
            let opened = try depot.open(machine: "two")
            // Either it does not matter, or it is told.
            do {
                #expect(try opened.chunks(of: id) == chunks, "change \(number)")
            } catch {
                #expect(error is RepositoryError, "change \(number): \(error)")
            }
        }
    }
}
