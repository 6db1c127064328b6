public import VarveSystem

/// The next content of a file: it takes the file's place when it is whole, and is gone otherwise.
///
/// What is no regular file, a fifo or a device say, is written as it is.
public final class ReplacementFile {
    public let file: File
    private let path: String
    private var temporary: String?

    /// Follows a symbolic link. `mode` is that of the new file, whatever the old one had.
    public init(of path: String, mode: UInt32) throws(SystemError) {
        let path = (try? File.realPath(path)) ?? path
        self.path = path
        if let status = try? File.status(of: path), status.kind != .regular {
            file = try File.openToWrite(path)
            return
        }
        let name = "\(File.parent(of: path))/\(RawText.text(TemporaryName.make()))"
        file = try File.createExclusively(name, mode: mode)
        temporary = name
    }

    deinit {
        if let temporary { try? File.remove(temporary) }
    }

    /// Ends it, durably; `confirm` may still refuse.
    public func takePlace(confirm: () throws -> Void = {}) throws {
        guard let temporary else { return try confirm() }
        try file.sync()
        try confirm()
        try File.rename(temporary, to: path)
        self.temporary = nil
        try File.syncDirectory(File.parent(of: path))
    }
}
