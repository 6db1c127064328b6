import VarveArchive
import VarveSystem

/// A JSON file of this machine as it was at one moment: whole, and not between two writes.
struct JSONFile: Sendable {
    /// Larger files are better named as paths: all of it is in memory.
    static let bytesMax = 64 << 20
    /// How often a file is read that is being written, and for how long it is left alone meanwhile.
    private static let attempts = 20
    private static let pauseNanoseconds: Int64 = 100_000_000

    let path: String
    let text: JSONText
    /// Before and after it was read.
    let status: FileStatus

    /// Throws `SystemError` for what cannot be read, and `SourceError` for what is no JSON, or never
    /// holds still.
    init(_ path: String) throws {
        self.path = path
        var reason = ""
        for attempt in 1...Self.attempts {
            if attempt > 1 { Clock.sleep(nanoseconds: Self.pauseNanoseconds) }
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            let found = try Self.contents(of: path)
            guard found.before == found.after else {
                reason = "is written all the time"
                continue
            }
            do {
                text = try JSONText(found.bytes)
                status = found.before
                return
            } catch {
                reason = "is no whole JSON: \(error)"
            }
        }
        throw SourceError("\(path) \(reason)")
    }

    private static func contents(
        of path: String
    ) throws -> (bytes: [UInt8], before: FileStatus, after: FileStatus) {
        let before = try File.status(of: path)
        guard before.kind == .regular else { throw SourceError("\(path) is no regular file") }
        guard before.size <= bytesMax else {
            throw SourceError(
                "\(path) is larger than \(bytesMax >> 20) MiB: name it as a path, without json:")
        }
        let bytes = try File.openToRead(path).contents(limit: bytesMax)
        return (bytes, before, try File.status(of: path))
    }
}
