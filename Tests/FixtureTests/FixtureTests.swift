import TestSupport
import Testing
import VarveArchive
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveSystem

/// What `Fixtures/README.md` promises: these repositories can be read for ever.
@Suite("A repository from the past")
struct FixtureTests {
    static let fixture = PythonReader.root + "/Fixtures/repository-1"
    /// Where its source lay.
    static let source = "tmp/varve-fixture/source"
    static let passphrase = "Schlüssel for ever"

    let scratch: Scratch
    let reader: PythonReader

    init() throws {
        scratch = try Scratch()
        reader = PythonReader(
            repository: scratch.repository, key: ["--key-file", Self.fixture + ".key"])
        try copyTree(Self.fixture, to: scratch.repository)
    }

    private func open() throws -> Repository {
        let text = try File.contents(of: Self.fixture + ".key", limit: KeyFile.bytesMax)
        return try scratch.open(with: .keyFile(try #require(KeyFile.secret(of: text))))
    }

    /// The lines of the listing that was made with a snapshot, by their paths.
    private func promised(_ number: Int) throws -> [String: String] {
        let bytes = try File.contents(of: Self.fixture + ".\(number).txt", limit: 1 << 20)
        var lines: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let columns = line.split(separator: "\t", maxSplits: 1).map(String.init)
            lines[columns[0]] = columns[1]
        }
        return lines
    }

    /// Restores every snapshot and returns the targets, numbered from 1.
    private func restoreAll(_ repository: Repository) throws -> [String] {
        try repository.state.snapshots.enumerated().map { place, entry in
            let target = scratch.path + "/engine-\(place + 1)"
            let report = try restore(
                entry, of: repository, RestoreOptions(target: target, path: []),
                progress: Progress(), observer: { _ in })
            #expect(report.issues.isEmpty)
            return target
        }
    }

    @Test("holds what it was given, for the engine and for the reader, with and without an index")
    func snapshots() throws {
        let repository = try open()
        let targets = try restoreAll(repository)
        #expect(try reader.snapshots() == repository.state.snapshots.map(\.id.hex))
        #expect(targets.count == 4)
        for (place, entry) in repository.state.snapshots.enumerated() {
            let engine = try listing(targets[place])
            for fromPacks in [false, true] {
                let target = scratch.path + "/reader-\(place + 1)-\(fromPacks)"
                try reader("restore", entry.id.hex, target, fromPacks: fromPacks)
                #expect(try listing(target) == engine)
            }
            let promised = try promised(place + 1)
            if place < 2 {
                #expect(try listing(targets[place] + "/" + Self.source) == promised)
            } else {
                // Of a stream there are only its bytes.
                let words = try #require(engine.first?.value).split(separator: " ")
                let line = [words[0], words[3], words[4]].joined(separator: " ")
                #expect(engine.keys.first.map { [$0: line] } == promised)
            }
        }
    }

    @Test("has no damage, whoever looks for it")
    func audit() throws {
        let repository = try open()
        for entry in repository.state.snapshots {
            let report = try verify(entry, of: repository, progress: Progress()) { _ in }
            #expect(report.issues.isEmpty)
        }
        let numbers = try repository.statistics()
        let line =
            "\(repository.state.number) records, \(numbers.snapshots) snapshots,"
            + " \(numbers.packs) packs, \(numbers.chunks) chunks, 0 complaints\n"
        #expect(try reader("audit") == line)
        #expect(try reader("audit", fromPacks: true) == line)
        #expect(numbers.bytesSimilar > 0)
    }

    @Test("opens with its passphrase too")
    func passphrase() throws {
        let file = Self.fixture + ".passphrase"
        let text = try File.contents(of: file, limit: 1 << 10)
        #expect(String(decoding: text, as: UTF8.self) == Self.passphrase + "\n")
        let passphrase = SecretBytes(copying: Array(Self.passphrase.utf8))
        let repository = try scratch.open(with: .passphrase(passphrase))
        let reader = PythonReader(
            repository: scratch.repository, key: ["--passphrase-file", file])
        #expect(try reader.snapshots() == repository.state.snapshots.map(\.id.hex))
    }

    @Test("is not written to when it is read, and can be written to")
    func writing() throws {
        let before = try contents(scratch.repository)
        let repository = try open()
        _ = try restoreAll(repository)
        #expect(try contents(scratch.repository) == before)
        try scratch.write(scratch.source + "/new", Array("a file of today\n".utf8))
        _ = try takeSnapshot(
            of: .paths([scratch.source]), into: repository,
            SnapshotOptions(time: 1, host: "host", user: "user", program: "test"))
        let target = scratch.path + "/restored"
        try reader("restore", try #require(try reader.snapshots().last), target)
        #expect(try listing(target + scratch.source) == listing(scratch.source))
        try reader("audit")
        let after = try contents(scratch.repository)
        #expect(before.allSatisfy { after[$0.key] == $0.value })
    }
}
