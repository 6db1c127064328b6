public import VarveSystem

/// Opens the database at an absolute path, which is a file with this status, to be read as it was at one
/// commit while other programs go on writing it.
public typealias PinnedOpening =
    @Sendable (_ path: [UInt8], _ status: FileStatus) throws -> any PinnedInput

/// The bytes of a database. It throws rather than reach its end when they do not belong together.
public protocol PinnedInput: ContentInput {
    /// In bytes.
    var length: Int { get }
    /// Whether something was taken from what lies beside the file, so that its times say too little.
    var hasMoreThanFile: Bool { get }
}

/// The database failed, not the repository.
struct DatabaseFailure: Error {
    let reason: String

    init(_ error: any Error) { reason = "\(error)" }
}

/// Opens and reads a database, and tells its errors from others.
final class GuardedInput: ContentInput {
    let input: any PinnedInput

    init(_ open: PinnedOpening, _ path: [UInt8], _ status: FileStatus) throws {
        input = try callingSource(DatabaseFailure.init) { try open(path, status) }
    }

    func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        try callingSource(DatabaseFailure.init) { try input.read(into: room) }
    }
}
