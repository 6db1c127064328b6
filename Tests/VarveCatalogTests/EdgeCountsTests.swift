import TestSupport
import Testing
import VarveFormat

@testable import VarveCatalog

@Suite("Counts of edges")
struct EdgeCountsTests {
    /// None are saved beside the table; some are; all are.
    @Test("are those of a model, wherever changes are saved", arguments: [0, 12, 1 << 20])
    func model(changesSaved: Int) throws {
        let scratch = try ScratchDirectory()
        var random = SeededNumbers(UInt64(changesSaved))
        let ids = (0..<60).map { _ in random.id() as ChunkID }
        var model: [ChunkID: Int] = [:]
        for _ in 0..<12 {
            var counts = try EdgeCounts(
                directory: scratch.path + "/edges", repository: .zero, changesSaved: changesSaved)
            for _ in 0..<10 {
                let id = ids[random.below(60)]
                let reference = Reference(id: id, bytes: 1, stream: .file, levels: 0)
                if model[id, default: 0] > 0, random.flag() {
                    _ = try counts.remove(reference)
                    model[id, default: 0] -= 1
                } else {
                    _ = try counts.add(reference)
                    model[id, default: 0] += 1
                }
            }
            try counts.save()
            var scan = try counts.scan()
            for id in ids.sorted() { #expect(try scan.contains(id) == (model[id, default: 0] > 0)) }
            #expect(try scan.finish() == 0)
        }
    }

    @Test("below none are damage")
    func negative() throws {
        let scratch = try ScratchDirectory()
        var random = SeededNumbers(1)
        let reference = Reference(id: random.id(), bytes: 1, stream: .file, levels: 0)
        var counts = try EdgeCounts(directory: scratch.path + "/edges", repository: .zero)
        try counts.save()
        _ = try counts.remove(reference)
        try counts.save()
        #expect(throws: CatalogError.damaged) {
            var scan = try counts.scan()
            _ = try scan.contains(reference.id)
        }
    }
}
