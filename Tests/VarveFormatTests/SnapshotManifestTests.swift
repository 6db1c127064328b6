import Testing
import VarveFormat

struct SnapshotManifestTests {
    private var valid: SnapshotManifest {
        SnapshotManifest(
            id: .zero, time: 1_000_000_000, host: "h/é", user: "u",
            sources: [.init(kind: .path, name: [0x2f, 0xff], anchors: ["lsn": "0/1"])],
            root: .init(
                content: Content(size: 7, depth: 0, entries: [.init(id: .zero, bytes: 7)]),
                entries: 3),
            durationSeconds: 1.5, program: "varve 1")
    }

    private func text(_ manifest: SnapshotManifest) throws -> String {
        String(decoding: try manifest.encoded(), as: UTF8.self)
    }

    @Test("fields have the names and texts that the format says")
    func fields() throws {
        let text = try text(valid)
        let zeros = String(repeating: "0", count: 64)
        for part in [
            #""id":"\#(zeros)""#, #""time":"1970-01-01T00:00:01.000000000Z""#, #""host":"h/é""#,
            #""kind":"path","name":"/�","name_base64":"L/8=""#, #""anchors":{"lsn":"0/1"}"#,
            #""root":{"chunks":[{"id":"\#(zeros)","length":7}],"depth":0,"entries":3,"size":7}"#,
            #""incomplete":false"#, #""files_unmodified":0"#, #""bytes_stored":0"#,
            #""duration":1.5"#, #""program":"varve 1""#, #""tags":[]"#,
        ] { #expect(text.contains(part), "\(part)") }
        #expect(!text.contains("stat_list") && !text.contains("parent"))
        #expect(!text.contains("partial"))
        var partial = valid
        partial.root.isPartial = true
        #expect(try self.text(partial).contains(#""entries":3,"partial":true"#))
        #expect(try SnapshotManifest(json: partial.encoded()) == partial)
    }

    @Test("unknown fields are skipped, missing ones are refused")
    func otherFields() throws {
        let text = try text(valid)
        let more = #"{"later":[{"a":null}],"# + text.dropFirst()
        #expect(try SnapshotManifest(json: Array(more.utf8)) == valid)
        for field in ["id", "root", "entries", "length", "incomplete", "errors", "duration"] {
            let less = text.split(separator: "\"\(field)\"").joined(separator: "\"x\"")
            #expect(throws: FormatError.self, "\(field)") {
                try SnapshotManifest(json: Array(less.utf8))
            }
        }
    }

    @Test("numbers that cannot be are refused, when written and when read")
    func numbers() throws {
        let changes: [(inout SnapshotManifest) -> Void] = [
            { $0.root.entries = -1 }, { $0.root.content.size = 8 }, { $0.root.content.size = -7 },
            { $0.root.content.depth = 9 }, { $0.root.content.depth = -1 },
            { $0.root.content.entries[0].bytes = 0 }, { $0.root.content.entries = [] },
            { $0.statList = Content(size: 0, depth: 1, entries: []) }, { $0.counts.others = -1 },
            { $0.durationSeconds = -0.5 }, { $0.durationSeconds = .nan },
            { $0.durationSeconds = .infinity },
        ]
        for (index, change) in changes.enumerated() {
            var manifest = valid
            change(&manifest)
            #expect(throws: FormatError.self, "change \(index)") { try manifest.encoded() }
        }
        let text = try text(valid)
        for (old, new) in [
            (#""size":7"#, #""size":8"#), (#""size":7"#, #""size":-7"#),
            (#""size":7"#, #""size":7.5"#), (#""size":7"#, #""size":1e99"#),
            (#""length":7"#, #""length":0"#), (#""depth":0"#, #""depth":256"#),
            (#""entries":3"#, #""entries":-3"#), (#""duration":1.5"#, #""duration":-1"#),
            (#""time":"1970"#, #""time":"3970"#), (#""kind":"path""#, #""kind":"tape""#),
        ] {
            let wrong = text.split(separator: old).joined(separator: new)
            #expect(wrong != text)
            #expect(throws: FormatError.self, "\(new)") {
                try SnapshotManifest(json: Array(wrong.utf8))
            }
        }
    }

    @Test("nesting without end is refused, not followed")
    func nesting() {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let deep =
                #"{"later":"# + String(repeating: open, count: 1_000_000) + "1"
                + String(repeating: close, count: 1_000_000) + "}"
            #expect(throws: FormatError.self) { try SnapshotManifest(json: Array(deep.utf8)) }
            #expect(throws: FormatError.self) {
                try SnapshotManifest(json: Array(String(repeating: open, count: 3_000_000).utf8))
            }
        }
    }
}
