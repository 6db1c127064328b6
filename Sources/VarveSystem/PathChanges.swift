import CSystem
import Glibc

/// Changes by whole path, for files that are this program's own.
extension File {
    /// Makes one directory; EEXIST when the name is taken.
    public static func makeDirectory(_ path: String, mode: UInt32 = 0o700) throws(SystemError) {
        try attempt(.makeDirectory, path) { mkdir(path, mode) }
    }

    /// Makes a directory and those above it where they are missing.
    public static func makeDirectories(_ path: String, mode: UInt32 = 0o700) throws(SystemError) {
        do throws(SystemError) {
            try makeDirectory(path, mode: mode)
        } catch  where error.isTaken {
            if try status(of: path).kind != .directory {
                throw SystemError(.makeDirectory, path, errno: ENOTDIR)
            }
        } catch  where error.isMissing {
            let parent = parent(of: path)
            if parent == path || parent == "." { throw error }
            try makeDirectories(parent, mode: mode)
            // Once: some file systems say that it is missing whatever stands above.
            do throws(SystemError) {
                try makeDirectory(path, mode: mode)
            } catch  where error.isTaken {}
        }
    }

    /// The path with all symbolic links followed.
    public static func realPath(_ path: String) throws(SystemError) -> String {
        guard let found = realpath(path, nil) else {
            throw SystemError(.status, path, errno: errno)
        }
        defer { free(found) }
        return String(cString: found)
    }

    /// How many bytes an ordinary user may still add to the file system that a path lies on.
    public static func freeBytes(at path: String) throws(SystemError) -> Int {
        var status = statvfs()
        try attempt(.status, path) { statvfs(path, &status) }
        return Int(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(
                by: UInt64(status.f_frsize)
            ).partialValue)
    }

    /// Gives a file a second name; EEXIST when that is taken.
    public static func link(_ path: String, to other: String) throws(SystemError) {
        try attempt(.link, other) { Glibc.link(path, other) }
    }

    /// Replaces what lies at the other path.
    public static func rename(_ path: String, to other: String) throws(SystemError) {
        try attempt(.rename, other) { Glibc.rename(path, other) }
    }

    public static func remove(_ path: String) throws(SystemError) {
        try attempt(.remove, path) { unlink(path) }
    }

    /// ENOTEMPTY unless it is empty.
    public static func removeDirectory(_ path: String) throws(SystemError) {
        try attempt(.removeDirectory, path) { rmdir(path) }
    }

    /// Returns once the names in a directory are on the disk.
    public static func syncDirectory(_ path: String) throws(SystemError) {
        let directory = try openDirectory(path)
        try directory.sync()
    }

    /// The path without its last component: "/" of "/x", "." of "x".
    public static func parent(of path: String) -> String {
        var bytes = Array(path.utf8)[...]
        let slash = UInt8(ascii: "/")
        while bytes.count > 1, bytes.last == slash { bytes.removeLast() }
        guard let cut = bytes.lastIndex(of: slash) else { return "." }
        bytes = bytes[..<cut]
        while bytes.last == slash { bytes.removeLast() }
        return bytes.isEmpty ? "/" : String(decoding: bytes, as: UTF8.self)
    }
}
