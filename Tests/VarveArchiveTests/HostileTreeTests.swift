import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

/// Trees and targets that try to lead a restore out of its target: each case is a directory of one
/// snapshot, and has a directory outside that must stay as it is.
@Suite("A restore of a hostile tree")
struct HostileTreeTests {
    struct Case {
        var name: String
        var entries: [HandmadeEntry]
        /// Puts something into the case's directory in the target before the restore.
        var prepare: (_ directory: borrowing File, _ outside: String) throws -> Void = { _, _ in }
    }

    /// Names that no directory may hold, or that are likely to be mishandled.
    static let names: [[UInt8]] =
        [
            "..", ".", "", "/", "//", "a/b", "/etc", "../x", "x/..", "x/../../x", "./x", "../../x",
            "directory/child", "a\0b", "\0", "..\0", String(repeating: "n", count: 256),
            String(repeating: "../", count: 40) + "x",
        ].map { Array($0.utf8) } + [[0xff, 0x2f], [0x2e, 0x2e, 0x2f, 0xff]]

    /// Snapshots of one name, `x`, in every kind that can stand in the way.
    static func kinds(_ outside: String) -> [(String, [HandmadeEntry])] {
        var hollow = HandmadeEntry.file("x", [])
        hollow.node.holes = [Node.Hole(dataBytes: 0, holeBytes: 100_000)]
        var special = HandmadeEntry.file("x", lines(3, seed: 1))
        special.node.mode = 0o6777
        special.node.attributes = [Node.Attribute(name: Array("user.a".utf8), value: [1])]
        return [
            ("directory", [.directory("x", [.file("child", [1, 2]), .file("file", [3])])]),
            ("file", [.file("x", lines(400, seed: 1))]), ("empty file", [.file("x", [])]),
            ("hollow file", [hollow]), ("file with rights", [special]),
            ("symbolic link", [.symlink("x", to: outside)]),
            ("fifo", [HandmadeEntry(.fifo, Array("x".utf8))]),
            ("device", [HandmadeEntry(.characterDevice, Array("x".utf8))]),
            ("socket", [HandmadeEntry(.socket, Array("x".utf8))]),
            ("linked later", [.file("a", [7, 7], group: 1), .file("x", [7, 7], group: 1)]),
            ("linked first", [.file("x", [7], group: 1), .file("y", [7], group: 1)]),
            (
                "symbolic link with two names",
                [
                    .symlink("w", to: outside + "/file", group: 4),
                    .symlink("x", to: outside + "/file", group: 4),
                ]
            ),
            ("directory of a directory", [.directory("x", [.directory("directory", [])])]),
        ]
    }

    /// What may stand at `x` in the target.
    static let obstacles: [(String, @Sendable (borrowing File, String) throws -> Void)] = [
        ("a link to a directory", { try $0.makeSymlink(to: $1, "x") }),
        ("a link to a directory below", { try $0.makeSymlink(to: $1 + "/directory", "x") }),
        ("a link to a file", { try $0.makeSymlink(to: $1 + "/file", "x") }),
        ("a link to a fifo", { try $0.makeSymlink(to: $1 + "/fifo", "x") }),
        ("a link to nothing", { try $0.makeSymlink(to: $1 + "/new", "x") }),
        ("a link to itself", { directory, _ in try directory.makeSymlink(to: "x", "x") }),
        (
            "another name of a file outside",
            { try $0.makeLink("x", to: "victim", in: File.openDirectory($1)) }
        ),
        ("a fifo", { directory, _ in try directory.makeNode("x", kind: .fifo, mode: 0o600) }),
        ("a socket", { directory, _ in try directory.makeNode("x", kind: .socket, mode: 0o600) }),
        (
            "a directory that holds links",
            { directory, outside in
                try directory.makeDirectory("x", mode: 0o755)
                let below = try directory.openDirectory("x")
                for name in ["child", "file", "directory"] {
                    try below.makeSymlink(to: outside + "/" + name, name)
                }
            }
        ),
        ("an empty directory", { directory, _ in try directory.makeDirectory("x", mode: 0o500) }),
    ]

    static func cases(_ outside: String) -> [Case] {
        var cases: [Case] = []
        for name in names {
            for kind in [Node.Kind.directory, .file, .symlink, .fifo] {
                var entry = HandmadeEntry(kind, name)
                entry.bytes = kind == .file ? [1] : []
                if kind == .directory { entry.entries = [.file("x", [1])] }
                cases.append(Case(name: "the name \(name) of a \(kind)", entries: [entry]))
            }
        }
        for (kind, entries) in kinds(outside) {
            for (obstacle, prepare) in obstacles {
                cases.append(
                    Case(name: "\(kind) over \(obstacle)", entries: entries, prepare: prepare))
            }
        }
        let link = HandmadeEntry.symlink("x", to: outside)
        let lists: [(String, [HandmadeEntry])] = [
            (
                "a link, then a directory of its name",
                [link, .directory("x", [.file("file", [1])])]
            ),
            (
                "a directory, then a link of its name",
                [.directory("x", [.file("file", [1])]), link]
            ),
            ("a name twice", [.file("x", [1]), .file("x", [2])]),
            ("names out of order", [.file("y", [1]), link, .directory("a", [])]),
            (
                "a further name of what is a link to outside",
                [
                    .symlink("a", to: outside + "/file", group: 1), .file("b", [1], group: 1),
                    .directory("c", [.file("x", [1], group: 1)]),
                ]
            ),
            (
                "a further name below what is a link by then",
                [.directory("a", [.file("x", [1], group: 2)]), .file("b", [1], group: 2)]
            ),
        ]
        cases += lists.map { Case(name: $0.0, entries: $0.1) }
        return cases
    }

    struct Rule: Sendable, CustomTestStringConvertible {
        var overwrite: OverwriteRule
        var deletes = false

        var testDescription: String { overwrite.rawValue + (deletes ? ", deleting" : "") }
    }

    @Test(
        "leaves everything outside the target as it was",
        arguments: [
            Rule(overwrite: .always), Rule(overwrite: .always, deletes: true),
            Rule(overwrite: .ifChanged), Rule(overwrite: .ifNewer),
            Rule(overwrite: .ifNewer, deletes: true), Rule(overwrite: .never),
        ])
    func outside(rule: Rule) throws {
        let (box, repository) = try Sandbox.inMemory()
        let world = try OutsideWorld(box.path + "/outside")
        let cases = Self.cases(world.path)
        #expect(cases.count >= 200)
        try File.makeDirectory(box.target)
        let target = try File.openDirectory(box.target)
        var entries: [HandmadeEntry] = []
        for (index, item) in cases.enumerated() {
            let name = "case \(1000 + index)"
            try target.makeDirectory(name, mode: 0o755)
            try item.prepare(try target.openDirectory(name), world.path)
            entries.append(.directory(name, item.entries.map { $0.inGroups(after: index * 10) }))
        }
        let before = try world.picture()
        let stored = try box.store(entries, repository, sources: ["/"])
        let report = try box.restore(stored, repository) {
            $0.overwrite = rule.overwrite
            $0.deletes = rule.deletes
            $0.verifies = true
        }
        let after = try world.picture()
        #expect(after == before)
        #expect(report.isDamaged)
        // Every name that is not allowed was told.
        #expect(report.issues.count >= Self.names.count)
        if rule.overwrite == .always, rule.deletes {
            // And nothing else stood in the way.
            #expect(report.issues.allSatisfy { $0.reason.contains("name") })
        }
    }
}
