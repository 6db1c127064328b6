import CSystem
import Glibc

/// What lies at whole paths that need not be UTF-8; EINVAL for one that holds a NUL.
extension File {
    /// The status of what lies at a path; ENOENT when nothing does.
    public static func status(
        of path: [UInt8], follow: Bool = true
    ) throws(SystemError) -> FileStatus {
        var status = statx()
        try call(.status, path) {
            varve_statx(AT_FDCWD, $0, follow ? 0 : AT_SYMLINK_NOFOLLOW, &status)
        }
        return FileStatus(status)
    }

    /// Opens a directory; follows symbolic links.
    public static func openDirectory(_ path: [UInt8]) throws(SystemError) -> File {
        let number = try call(.openDirectory, path) {
            open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        return File(descriptor: number, path: String(decoding: path, as: UTF8.self))
    }

    /// Opens a file for reading; follows symbolic links.
    public static func openToRead(_ path: [UInt8]) throws(SystemError) -> File {
        let number = try call(.openToRead, path) { open($0, O_RDONLY | O_CLOEXEC) }
        return File(descriptor: number, path: String(decoding: path, as: UTF8.self))
    }

    /// Whether this process may write what lies at a path, and the file system is not read-only.
    public static func isWritable(_ path: [UInt8]) -> Bool {
        (try? call(.status, path) { access($0, W_OK) }) != nil
    }

    /// The path with all symbolic links followed.
    public static func realPath(_ path: [UInt8]) throws(SystemError) -> [UInt8] {
        var found: UnsafeMutablePointer<CChar>?
        try call(.status, path) { text in
            found = realpath(text, nil)
            return found == nil ? Int32(-1) : 0
        }
        guard let found else { return path }
        defer { free(found) }
        return Array(UnsafeRawBufferPointer(start: found, count: strlen(found)))
    }

    /// Where a symbolic link points, as bytes.
    public static func readLink(at path: [UInt8]) throws(SystemError) -> [UInt8] {
        var target: [UInt8] = []
        var failure: SystemError?
        try call(.readLink, path) { text in
            do throws(SystemError) {
                target = try readLink(AT_FDCWD, text, String(decoding: path, as: UTF8.self))
            } catch {
                failure = error
            }
            return 0
        }
        if let failure { throw failure }
        return target
    }

    @discardableResult
    private static func call(
        _ call: SystemCall, _ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Int32
    ) throws(SystemError) -> Int32 {
        let shown = String(decoding: path, as: UTF8.self)
        guard !path.contains(0) else { throw SystemError(call, shown, errno: EINVAL) }
        let text = path.map { CChar(bitPattern: $0) } + [0]
        return try text.withUnsafeBufferPointer { (text) throws(SystemError) in
            guard let start = text.baseAddress else { return 0 }
            return try attempt(call, shown) { body(start) }
        }
    }
}
