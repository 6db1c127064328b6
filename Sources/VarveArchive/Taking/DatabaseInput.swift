public import VarveSystem

/// Opens the database at an absolute path, which is a file with this status, to be read as it was at one
/// commit while other programs go on writing it.
public typealias DatabaseOpening =
    @Sendable (_ path: [UInt8], _ status: FileStatus) throws -> any DatabaseInput

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

    init(_ open: DatabaseOpening, _ path: [UInt8], _ status: FileStatus) throws {
        input = try Self.guarding { try open(path, status) }
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
