import TestSupport
import Testing
import VarveFormat
import VarveSystem

@testable import VarveCatalog

@Suite("damage to a catalog")
struct CatalogDamageTests {
    private let repository: RepositoryID
    private let features: [SuperFeatures]
    private let model: CatalogModel
    private let files: [String: [UInt8]]

    /// One small run with full chunks and deltas in two packs.
    init() throws {
        var random = SeededNumbers(7)
        repository = random.id()
        var model = CatalogModel()
        var features: [SuperFeatures] = []
        let packs = (0..<2).map { _ -> (PackID, [CatalogChunk]) in
            var base: ChunkID?
            let chunks = (0..<3).map { _ in
                let chunk = CatalogChunk(
                    id: random.id(), place: random.place(isDelta: base != nil),
                    features: random.features(), base: base)
                base = base == nil ? chunk.id : nil
                features.append(chunk.features!)
                return chunk
            }
            return (random.id(), chunks)
        }
        let scratch = try ScratchDirectory()
        let catalog = try Catalog(directory: scratch.path + "/c", repository: repository)
        try catalog.add(model.add(random.id(), packs))
        (self.model, self.features) = (model, features)
        files = try scratch.files(in: "c")
    }

    private var runName: String {
        get throws { try #require(files.keys.first { $0.hasPrefix("run-") }) }
    }

    @Test("never shows as a wrong place when one byte of a file is flipped")
    func flippedBytes() throws {
        try inScratch { scratch in
            for name in [try runName, "manifest"] {
                for (index, byte) in try #require(files[name]).enumerated() {
                    var damaged = files
                    damaged[name]?[index] = byte ^ (1 << UInt8(index % 8))
                    try scratch.write(damaged, in: "c")
                    let right = try rightAnswers(scratch.path + "/c")
                    #expect(right < 1, "byte \(index) of \(name) is believed")
                }
            }
        }
    }

    @Test("never shows as a wrong place when a file is cut short or has grown")
    func truncation() throws {
        try inScratch { scratch in
            for name in [try runName, "manifest"] {
                let bytes = try #require(files[name])
                for length in 0..<bytes.count {
                    var damaged = files
                    damaged[name] = Array(bytes[..<length])
                    try scratch.write(damaged, in: "c")
                    #expect(try rightAnswers(scratch.path + "/c") == 0)
                }
                var damaged = files
                damaged[name] = bytes + [0]
                try scratch.write(damaged, in: "c")
                #expect(try rightAnswers(scratch.path + "/c") == 0)
            }
        }
    }

    @Test("that comes after the opening is noticed, and adding again heals it")
    func damageWhileOpen() throws {
        try inScratch { scratch in
            try scratch.write(files, in: "c")
            let catalog = try Catalog(directory: scratch.path + "/c", repository: repository)
            let file = try File.openDirectory(scratch.path + "/c").openToChange(runName)
            try file.truncate(to: 100)
            let id = try #require(model.places.keys.first)
            var cursor = CatalogCursor()
            #expect(throws: CatalogError.damaged) { try catalog.lookup(id, &cursor) }
            catalog.dropAll()
            #expect(try catalog.lookup(id, &cursor) == nil)
            #expect(try scratch.files(in: "c").keys.sorted() == ["lock", "manifest"])
            var model = CatalogModel()
            var random = SeededNumbers(1)
            let chunk = CatalogChunk(id: id, place: random.place())
            try catalog.add(model.add(random.id(), [(random.id(), [chunk])]))
            #expect(try catalog.lookup(id, &cursor)?.rawBytes == chunk.place.rawBytes)
        }
    }

    @Test("includes a catalog of another repository")
    func otherRepository() throws {
        try inScratch { scratch in
            try scratch.write(files, in: "c")
            var random = SeededNumbers(99)
            let catalog = try Catalog(directory: scratch.path + "/c", repository: random.id())
            #expect(catalog.segments.isEmpty)
            #expect(try rightAnswers(scratch.path + "/c") == 0)
        }
    }

    @Test("is not seen in sound files")
    func soundFiles() throws {
        try inScratch { scratch in
            try scratch.write(files, in: "c")
            #expect(try rightAnswers(scratch.path + "/c") == 1)
        }
    }

    private func inScratch(_ body: (ScratchDirectory) throws -> Void) throws {
        let scratch = try ScratchDirectory()
        try body(scratch)
    }

    /// The share of lookups that were answered; each answer must be right.
    private func rightAnswers(_ directory: String) throws -> Double {
        let catalog = try Catalog(directory: directory, repository: repository)
        #expect(catalog.segments == model.segments || catalog.segments.isEmpty)
        var cursor = CatalogCursor()
        var (asked, answered) = (0, 0)
        for (id, places) in model.places {
            asked += 1
            let place = try unlessDamaged { try catalog.lookup(id, &cursor) }
            if let place = place.flatMap({ $0 }) {
                answered += 1
                try #require(places.contains(catalog.named(place)))
            }
        }
        for features in features {
            asked += 1
            let candidates = try unlessDamaged { try catalog.candidates(features, &cursor) } ?? []
            answered += candidates.isEmpty ? 0 : 1
            for candidate in candidates {
                let place = catalog.named(candidate.place)
                try #require(model.places[candidate.id]?.contains(place) == true)
                try #require(!place.isDelta)
            }
        }
        return Double(answered) / Double(asked)
    }

    private func unlessDamaged<Answer>(_ body: () throws -> Answer) throws -> Answer? {
        do { return try body() } catch CatalogError.damaged { return nil }
    }
}
