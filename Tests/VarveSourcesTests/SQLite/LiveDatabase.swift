import TestSupport
import VarveArchive
import VarveSystem

@testable import VarveSources

/// A database in a directory of its own, which other processes write.
final class LiveDatabase: Sendable {
    private let scratch: ScratchDirectory
    let path: String
    var directory: String { scratch.path }
    var bytes: [UInt8] { Array(path.utf8) }

    struct Refused: Error, CustomStringConvertible {
        var description: String
    }

    /// With a table `t` of so many rows of half a page.
    init(mode: String = "wal", pageBytes: Int = 4096, rows: Int = 400) throws {
        scratch = try ScratchDirectory()
        path = scratch.path + "/live.db"
        try sql(
            """
            PRAGMA page_size=\(pageBytes); PRAGMA auto_vacuum=none; PRAGMA journal_mode=\(mode);
            CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER, pad BLOB);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<\(rows))
            INSERT INTO t SELECT i, i, randomblob(\(pageBytes / 2)) FROM n;
            """)
    }

    /// Runs statements in a process of their own, which leaves the WAL as it is.
    @discardableResult
    func sql(_ statements: String..., mayFail: Bool = false) throws -> String {
        let process = try ChildProcess(
            "sqlite3", ["-cmd", ".dbconfig no_ckpt_on_close on", path] + statements,
            errorOutput: .tail(bytes: 4096))
        let output = String(
            decoding: try process.output.contents(limit: 1 << 20), as: UTF8.self)
        let end = try process.wait()
        guard end.isSuccess || mayFail else {
            throw Refused(description: "\(statements): \(process.errorText)")
        }
        return output.split(separator: "\n").dropFirst().joined(separator: "\n")
            + process.errorText
    }

    /// Changes some rows in one commit.
    func commit() throws {
        try sql("UPDATE t SET v=v+1, pad=randomblob(length(pad)) WHERE id % 7 = abs(random()) % 7")
    }

    /// A writer that was killed in the middle of a transaction which had begun to write.
    func killWriter() throws {
        try sql(
            "PRAGMA cache_size=5; BEGIN; UPDATE t SET v=-1, pad=randomblob(length(pad))",
            ".shell kill -9 $PPID", mayFail: true)
    }

    /// What the online backup of SQLite makes of it, as a file.
    func backup() throws -> String {
        let copy = directory + "/" + randomName()
        let process = try ChildProcess("sqlite3", ["file:\(path)?mode=ro", ".backup \(copy)"])
        guard try process.wait().isSuccess else { throw Refused(description: "no backup") }
        return copy
    }

    /// All that the reader gives; `step` runs in front of each piece.
    func read(
        pieceBytes: Int = 100_000, _ options: SQLiteReadingOptions = SQLiteReadingOptions(),
        step: (Int) throws -> Void = { _ in }
    ) throws -> [UInt8] {
        try Self.contents(
            of: SQLiteInput(SQLitePinning.pin(bytes, options), options), pieceBytes, step)
    }

    /// The same without any lock.
    func readUnlocked(step: (Int) throws -> Void = { _ in }) throws -> [UInt8] {
        let files = try SQLiteFiles(bytes)
        let database = try SQLitePinning.pinUnlocked(files, files.header())
        return try Self.contents(
            of: SQLiteInput(database, SQLiteReadingOptions()), 100_000, step)
    }

    static func contents(
        of input: any ContentInput, _ pieceBytes: Int = 100_000,
        _ step: (Int) throws -> Void = { _ in }
    ) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: pieceBytes)
        while true {
            try step(bytes.count / pieceBytes)
            let count = try room.withUnsafeMutableBytes { try input.read(into: $0) }
            if count == 0 { return bytes }
            bytes += room[..<count]
        }
    }

    /// Reads on until a process has printed a word.
    static func wait(for word: String, from process: ChildProcess) throws {
        var room = [UInt8](repeating: 0, count: 256)
        var seen = ""
        while !seen.contains(word) {
            let count = try room.withUnsafeMutableBytes { try process.output.read(into: $0) }
            guard count > 0 else { throw Refused(description: "no \(word) in \(seen)") }
            seen += String(decoding: room[..<count], as: UTF8.self)
        }
    }

    /// Names in its directory that begin with its own.
    func companions() throws -> [String] {
        try File.openDirectory(directory).entries().map { String(decoding: $0.name, as: UTF8.self) }
            .filter { $0.hasPrefix("live.db-") }.sorted()
    }

    func contents(_ suffix: String = "") throws -> [UInt8] {
        try File.contents(of: path + suffix, limit: 1 << 30)
    }

    func write(_ bytes: [UInt8], _ suffix: String = "") throws {
        try File.createOrTruncate(path + suffix).write(bytes)
    }

    /// What a statement says of a database that was read.
    func ask(_ bytes: [UInt8], _ statement: String) throws -> String {
        let copy = directory + "/" + randomName()
        try File.createExclusively(copy).write(bytes)
        let process = try ChildProcess("sqlite3", [copy, statement])
        let answer = String(decoding: try process.output.contents(limit: 1 << 16), as: UTF8.self)
        guard try process.wait().isSuccess else { throw Refused(description: statement) }
        return answer.trimmed
    }
}

extension String {
    fileprivate var trimmed: String { String(split(separator: "\n").joined(separator: "\n")) }
}

/// Numbers of the pages in which two databases differ, but for what a backup writes anew in the first.
func differingPages(_ bytes: [UInt8], _ backup: String, pageBytes: Int) throws -> [Int] {
    let other = try File.contents(of: backup, limit: 1 << 30)
    guard bytes.count == other.count else { return [-bytes.count / pageBytes] }
    // The write versions, and counters of changes.
    let own = Set([18, 19] + Array(24..<28) + Array(40..<44) + Array(92..<96))
    return stride(from: 0, to: bytes.count, by: pageBytes).filter { start in
        let range = start..<start + pageBytes
        if bytes[range] == other[range] { return false }
        return start > 0 || range.contains { bytes[$0] != other[$0] && !own.contains($0) }
    }.map { $0 / pageBytes + 1 }
}
