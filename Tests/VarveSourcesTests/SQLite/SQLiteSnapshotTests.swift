import TestSupport
import Testing
import VarveArchive
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveSources

@Suite("Databases in snapshots")
struct SQLiteSnapshotTests {
    private let box: RepositoryBox

    init() throws { box = try RepositoryBox() }

    private var repository: Repository { box.repository }

    private func take(_ sources: [SnapshotSource]) throws -> SnapshotReport {
        var options = SnapshotOptions(time: 1, host: "host", user: "user", program: "test")
        options.databases = SQLiteReadingOptions().opening
        return try takeSnapshot(of: sources, into: repository, options)
    }

    /// What the newest snapshot has at a path.
    private func node(_ path: String) throws -> (
        node: Node, chunks: [Content.Entry], bytes: [UInt8]
    ) {
        let entry = try #require(repository.state.snapshots.last)
        var tree = try SnapshotTree(repository, entry)
        let node = try #require(try tree.find(path.split(separator: "/").map { Array($0.utf8) }))
        var reader = try ChunkReader(repository)
        var cursor = ContentCursor(node.content ?? .empty)
        var chunks: [Content.Entry] = []
        var bytes: [UInt8] = []
        while let chunk = try cursor.next(&reader) {
            chunks.append(chunk)
            bytes += try reader.load(chunk.id)
        }
        return (node, chunks, bytes)
    }

    @Test(
        "are cut at multiples of 64 KiB, whatever their length, in trees and by name",
        arguments: [(10, 10), (200, 200), (10, 900), (900, 10), (3000, 3500)])
    func cuts(rows: Int, later: Int) throws {
        let live = try LiveDatabase(rows: rows)
        try live.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        try live.sql(
            "DELETE FROM t WHERE id > \(later)",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<\(later - rows))"
                + "INSERT INTO t SELECT NULL, i, randomblob(2048) FROM n WHERE \(later - rows)>0",
            "UPDATE t SET pad=randomblob(2048) WHERE id%9=0", "VACUUM")
        let backup = try live.backup()
        let word = try SourceWord("sqlite:" + live.path)
        guard case .trees(let trees) = word else { return #expect(Bool(false)) }
        var found: [Node] = []
        for source in [SnapshotSource.paths([live.path]), .virtual(trees[0])] {
            let report = try take([source])
            #expect(!report.isIncomplete && report.counts.files == 1)
            let (node, chunks, bytes) = try node(live.path)
            #expect(try differingPages(bytes, backup, pageBytes: 4096) == [])
            #expect(chunks.dropLast().allSatisfy { $0.bytes == PageChunker.chunkBytes })
            found.append(node)
        }
        #expect(found[0] == found[1])
        let source = try repository.manifest(try #require(repository.state.snapshots.last)).sources[
            0]
        #expect(source.kind == .sqlite && source.anchors["journal_mode"] == "wal")
        #expect(source.anchors["pages"] == String(found[0].size / 4096))
        #expect(source.anchors["wal_frames"].flatMap { Int($0) } ?? 0 > 0)
    }

    @Test(
        "that are damaged are not in the snapshot, however large they are", arguments: [10, 1000])
    func damaged(rows: Int) throws {
        let live = try LiveDatabase(mode: "delete", rows: rows)
        try live.sql("DELETE FROM t WHERE id > 1")
        _ = try take([.paths([live.directory])])
        #expect(try node(live.path).bytes == live.contents())
        var bytes = try live.contents()
        bytes[39] ^= 1
        try live.write(bytes)
        let report = try take([.paths([live.directory])])
        #expect(report.isIncomplete && report.counts.errors == 1)
        #expect(throws: (any Error).self) { try node(live.path) }
    }
}
