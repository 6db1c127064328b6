import Testing
import VarveArchive
import VarveFormat
import VarveSystem

@testable import VarveSources

@Suite("A proof of a JSON file")
struct JSONProofTests {
    let box: RepositoryBox

    init() throws {
        box = try RepositoryBox()
        let file = try File.createExclusively(box.path("state.json"))
        try file.write(Array(#"{"a": [1, 2], "b": {"c": null}}"#.utf8))
    }

    /// What a proof comes to, when the snapshot keeps altered anchors.
    private func prove(
        _ anchors: @escaping @Sendable ([String: String]) -> [String: String] = { $0 }
    ) throws -> ProofReport {
        let word = "json:\(box.path("state.json"))"
        guard case .trees(let trees) = try SourceWord(word, SourceOptions()) else {
            return ProofReport()
        }
        let altered = trees.map {
            SnapshotSource.virtual(AlteredTree(tree: $0, anchors: anchors))
        }
        _ = try takeSnapshot(
            of: altered, into: box.repository,
            SnapshotOptions(time: 1, host: "host", user: "user", program: "test"))
        return try SnapshotProving(box.newest, box.repository, ProofQuestions())
            .run(progress: Progress())
    }

    @Test("compares every section with what the snapshot says of it")
    func sections() throws {
        let right = try prove()
        #expect(right.failures == [] && right.level == .restored)
        let wrong = try prove { anchors in
            var anchors = anchors
            anchors["/b"] = anchors["/a"]
            return anchors
        }
        #expect(wrong.level == .stored && wrong.failures.count == 1)
        #expect(wrong.failures.first?.contains("its section /b is not what") == true)
        let more = try prove { $0.merging(["/z": "1"]) { $1 } }
        #expect(more.failures.count == 1)
    }

    @Test("cannot be asked as a database can")
    func questions() throws {
        _ = try prove()
        var questions = ProofQuestions()
        questions.assertions = ["SELECT true"]
        #expect(throws: SourceError.self) {
            try SnapshotProving(box.newest, box.repository, questions).run(progress: Progress())
        }
    }
}
