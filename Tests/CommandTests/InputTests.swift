import Testing
import VarveArchive
import VarveCodec
import VarveFormat
import VarveRepository

@testable import varve

@Suite("What commands are given")
struct InputTests {
    @Test("sources are paths, standard input or a program, and never two of them")
    func inputs() throws {
        guard
            case .sources(let paths, let trees) = try CreateInput(
                words: ["/a", "b", "postgres://me:secret@db/app"], stdin: nil, command: nil)
        else { throw Failure.usage("no sources") }
        #expect(paths == ["/a", "b"].map { Array($0.utf8) })
        #expect(trees.map(\.source.displayName) == ["postgres://db/app"])
        let stream = try CreateInput(words: [], stdin: "/app.sql", command: nil)
        #expect(stream.streamName == "app.sql")
        let program = try CreateInput(words: ["pg_dump", "app"], stdin: nil, command: "app.sql")
        guard case .program(name: "app.sql", words: ["pg_dump", "app"]) = program else {
            throw Failure.usage("no program")
        }
        let wrong: [([String], String?, String?)] = [
            ([], nil, nil), (["/a"], "x", nil), ([], nil, "x"), (["p"], "x", "y"),
            ([], "a/b", nil), ([], "..", nil), ([], "", nil),
        ]
        for (words, stdin, command) in wrong {
            #expect(throws: Failure.self) {
                try CreateInput(words: words, stdin: stdin, command: command)
            }
        }
    }

    @Test("a URL is refused without a word of what may be its password")
    func passwords() {
        do {
            _ = try CreateInput(words: ["mysql://me:secret@db/app"], stdin: nil, command: nil)
            Testing.Issue.record("it was taken")
        } catch {
            #expect(!"\(error)".contains("secret"))
        }
    }

    @Test("compression is a level, auto or off")
    func compression() throws {
        #expect(try Compression.level("auto") == .standard)
        #expect(try Compression.level("off") == .off)
        #expect(try Compression.level("19") == .zstd(19))
        for text in ["0", "20", "fast", ""] {
            #expect(throws: Failure.self) { try Compression.level(text) }
        }
    }

    @Test("paths in snapshots have no dots that lead elsewhere")
    func paths() throws {
        #expect(
            try Target.components("/srv/./a//b/").map { String(decoding: $0, as: UTF8.self) }
                == ["srv", "a", "b"])
        #expect(try Target.components("").isEmpty)
        #expect(throws: Failure.self) { try Target.components("a/../b") }
    }

    @Test("objects are named as they lie in the repository, or shorter")
    func objects() {
        let id = String(repeating: "3f", count: 32)
        let cases: [(String, ObjectChoice?)] = [
            ("varve.json", .descriptor), ("17", .anything("17")), ("log/17", .record(17)),
            ("log/00000000000000000017", .record(17)), ("state", .currentState),
            ("state/3f", .state("3f")), ("snapshots/3f", .manifest("3f")),
            ("snapshot 3f", .snapshot("3f")), ("index/\(id)", .segment(id)),
            ("keys/3f", .slot("3f")), ("keyrings/3f", .keyring("3f")),
            ("packs/data/3f/\(id)", .pack(id)), ("pack 3f", .pack("3f")),
            ("chunk 3f", .chunk("3f")), ("3f9a", .anything("3f9a")), ("", nil), ("zz", nil),
            ("log/x", nil), ("index/3F", nil), ("chunk/3f/3f", nil), ("what/3f", nil),
        ]
        for (text, choice) in cases { #expect(ObjectChoice(text) == choice, "\(text)") }
    }
}
