public import VarveSystem

/// Reads regular files that other programs may be writing: databases, as they were at one commit.
public protocol DatabaseReader: Sendable {
    /// How many bytes `isDatabase` wants to see.
    var prefixBytes: Int { get }
    /// Whether a file that begins so is one.
    func isDatabase(_ prefix: UnsafeRawBufferPointer) -> Bool
    /// How the names end of what lies beside a database and is part of it; the first is that of the log,
    /// which holds what is newer than the file.
    var companions: [[UInt8]] { get }
    /// Opens the database at an absolute path, which is a file with this status.
    func open(_ path: [UInt8], _ status: FileStatus) throws -> any DatabaseInput
}

/// The bytes of a database. It throws rather than reach its end when they do not belong together.
public protocol DatabaseInput: ContentInput {
    /// In bytes.
    var length: Int { get }
    /// Whether something was taken from what lies beside the file, so that its times say too little.
    var hasMoreThanFile: Bool { get }
}

/// The database failed, not the repository.
struct DatabaseFailure: Error {
    var reason: String
}

/// Opens and reads a database, and tells its errors from others.
final class GuardedDatabase: ContentInput {
    let input: any DatabaseInput

    init(_ reader: any DatabaseReader, _ path: [UInt8], _ status: FileStatus) throws {
        input = try Self.guarding { try reader.open(path, status) }
    }

    func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        try Self.guarding { try input.read(into: room) }
    }

    private static func guarding<Answer>(_ body: () throws -> Answer) throws -> Answer {
        do {
            return try body()
        } catch ArchiveError.interrupted {
            throw ArchiveError.interrupted
        } catch {
            throw DatabaseFailure(reason: "\(error)")
        }
    }
}

/// Which names in a directory belong to databases beside them.
struct DatabaseNames {
    private var companions: Set<[UInt8]> = []
    private var logged: Set<[UInt8]> = []

    init() {}

    /// Looks at the files that have something beside them that may be theirs.
    init(_ names: EntryNames, in directory: SharedFile, _ reader: (any DatabaseReader)?) {
        guard let reader else { return }
        var known: [[UInt8]: Bool] = [:]
        for (position, ending) in reader.companions.enumerated() {
            for name in names.names(endingIn: ending) {
                let base = Array(name.dropLast(ending.count))
                guard names.contains(base) else { continue }
                let isDatabase = known[base] ?? Self.isDatabase(base, in: directory, reader)
                known[base] = isDatabase
                guard isDatabase else { continue }
                companions.insert(name)
                guard position == 0, let status = try? directory.file.status(of: name) else {
                    continue
                }
                if status.size > 0 { logged.insert(base) }
            }
        }
    }

    /// Takes in what belongs to a virtual tree that stands for a path.
    mutating func add(_ name: [UInt8], _ endings: [[UInt8]]) {
        companions.formUnion(endings.map { name + $0 })
    }

    private static func isDatabase(
        _ name: [UInt8], in directory: SharedFile, _ reader: any DatabaseReader
    ) -> Bool {
        guard (try? directory.file.status(of: name))?.kind == .regular,
            let file = try? directory.file.openFile(name)
        else { return false }
        return reader.isDatabase(file)
    }

    /// Whether it is a part of a database beside it.
    func isCompanion(_ name: [UInt8]) -> Bool { companions.contains(name) }

    /// Whether it is a database with more in its log than in its file.
    func hasLog(_ name: [UInt8]) -> Bool { logged.contains(name) }
}

extension DatabaseReader {
    /// Whether an open file is a database.
    func isDatabase(_ file: borrowing File) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: prefixBytes, alignment: 1) { room in
            guard let count = try? file.readFully(at: 0, into: room) else { return false }
            return isDatabase(UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
    }
}
