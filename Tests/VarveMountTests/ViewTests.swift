import Testing
import VarveFormat

@testable import VarveMount

@Suite("Views")
struct ViewTests {
    private func entry(
        _ id: String, _ time: Int64, _ host: String = "h", _ sources: [String] = ["/s"],
        tags: [String] = [], record: UInt64 = 1
    ) throws -> RepositoryState.SnapshotEntry {
        let hex = id + String(repeating: "0", count: 64 - id.utf8.count)
        return RepositoryState.SnapshotEntry(
            id: try #require(SnapshotID(hex: hex)), manifest: .zero, recordNumber: record,
            summary: SnapshotSummary(
                time: time, host: host, user: "u", sources: sources, tags: tags))
    }

    /// Every path of the views, with what it leads to.
    private func paths(_ tree: ViewTree) -> [String] {
        var lines: [String] = []
        func add(_ key: ViewTree.Key, _ path: String) {
            for entry in tree.directories[key] ?? [] {
                let path = path + "/" + String(decoding: entry.name, as: UTF8.self)
                switch entry.key {
                case .directory: add(entry.key, path)
                case .link(_, let target):
                    lines.append("\(path) -> \(String(decoding: target, as: UTF8.self))")
                case .snapshot(let id): lines.append("\(path) = \(id.hex.prefix(9))")
                }
            }
        }
        add(ViewTree.root, "")
        return lines
    }

    private let second: Int64 = 1_000_000_000
    private let noon: Int64 = 1_763_726_400_000_000_000

    @Test(
        "show each snapshot once, and lead to it from its host, its sources, its tags and the newest"
    )
    func views() throws {
        let tree = ViewTree([
            try entry("2222222222", noon + 5 * second, "web", ["/a", "/b/c"], tags: ["x", "y"]),
            try entry("1111111111", noon, "db", ["/b/c"], tags: ["x"]),
        ])
        #expect(
            paths(tree) == [
                "/hosts/db/2025-11-21T12:00:00Z -> ../../ids/11111111",
                "/hosts/db/latest -> ../../ids/11111111",
                "/hosts/web/2025-11-21T12:00:05Z -> ../../ids/22222222",
                "/hosts/web/latest -> ../../ids/22222222",
                "/ids/11111111 = 111111111", "/ids/22222222 = 222222222",
                "/latest -> ids/22222222",
                "/sources/a/2025-11-21T12:00:05Z -> ../../ids/22222222",
                "/sources/a/latest -> ../../ids/22222222",
                "/sources/b_c/2025-11-21T12:00:00Z -> ../../ids/11111111",
                "/sources/b_c/2025-11-21T12:00:05Z -> ../../ids/22222222",
                "/sources/b_c/latest -> ../../ids/22222222",
                "/tags/x/2025-11-21T12:00:00Z -> ../../ids/11111111",
                "/tags/x/2025-11-21T12:00:05Z -> ../../ids/22222222",
                "/tags/x/latest -> ../../ids/22222222",
                "/tags/y/2025-11-21T12:00:05Z -> ../../ids/22222222",
                "/tags/y/latest -> ../../ids/22222222",
            ])
    }

    @Test("are there without any snapshot, which then has no link to it")
    func empty() {
        let tree = ViewTree()
        let names = tree.directories[ViewTree.root]?.map {
            String(decoding: $0.name, as: UTF8.self)
        }
        #expect(names == ["hosts", "ids", "sources", "tags"])
        #expect(paths(tree).isEmpty)
    }

    @Test("give the older of two in one second the plain name, whatever fraction it has")
    func sameSecond() throws {
        let tree = ViewTree([
            try entry("cccccccc1", noon + 999_999_999), try entry("bbbbbbbb1", noon + 1),
            try entry("aaaaaaaa1", noon + 1, record: 2), try entry("dddddddd1", noon - 1),
        ])
        #expect(
            paths(tree).filter { $0.hasPrefix("/hosts") } == [
                "/hosts/h/2025-11-21T11:59:59Z -> ../../ids/dddddddd",
                "/hosts/h/2025-11-21T12:00:00Z -> ../../ids/bbbbbbbb",
                "/hosts/h/2025-11-21T12:00:00Z-aaaaaaaa -> ../../ids/aaaaaaaa",
                "/hosts/h/2025-11-21T12:00:00Z-cccccccc -> ../../ids/cccccccc",
                "/hosts/h/latest -> ../../ids/cccccccc",
            ])
    }

    @Test("give snapshots whose ids begin alike all digits of these")
    func longIDs() throws {
        let tree = ViewTree([
            try entry("11111111a", noon), try entry("11111111b", noon + second),
            try entry("22222222a", noon),
        ])
        let names = tree.directories[.directory(Array("ids".utf8))]?.map(\.name.count)
        #expect(names == [64, 64, 8])
        let newest = try #require(
            paths(tree).first { $0.hasPrefix("/latest") })
        #expect(newest.hasPrefix("/latest -> ids/11111111b0"))
    }

    @Test("make a name of any text, and another one for each")
    func names() {
        let long = String(repeating: "ä", count: 300)
        let texts: [ExactText] =
            ["", ".", "..", "/", "a/b", "a_b", "/a/b", "x\0y", "plain", "\u{e9}", "e\u{301}"]
            + [long, long + "b"].exact
        let names = ViewName.names(for: texts)
        #expect(Set(names.values).count == texts.count)
        for (text, name) in names {
            #expect(Node.isValid(name: name), "\(text)")
            #expect(name.count <= ViewName.bytesMax + 17)
        }
        #expect(names["plain"] == Array("plain".utf8))
        #expect(names["a_b"] == Array("a_b".utf8))
        for text in ["/a/b", "a/b"].exact {
            #expect(names[text]?.starts(with: "a_b~".utf8) == true && names[text]?.count == 20)
        }
    }

    @Test("keep a name for its text, or for none, whatever else comes")
    func steadyNames() {
        let before = ViewName.names(for: ["web_1", "/srv/a", "x/y~2"])
        #expect(before["/srv/a"] == Array("srv_a".utf8))
        let after = ViewName.names(for: ["web_1", "web/1", "/srv/a", "srv/a", "x/y~2", "x_y"])
        for (text, name) in before {
            let owner = after.first { $0.value == name }?.key
            #expect(owner == text || owner == nil, "\(text)")
        }
        #expect(after["web_1"] == Array("web_1".utf8))
    }
}
