import CSystem
import Glibc

/// Opening what lies in a directory; a name is one component and is never followed.
extension File {
    /// The path of an entry, as text for people.
    ///
    /// Deep below a directory it says only where it begins and ends: whole, the paths of a chain of
    /// directories would take memory with the square of its depth.
    public func path(of name: some FileName) -> String {
        let bytes = path.utf8
        guard bytes.count > Self.shownPathBytesMax else {
            return path.hasSuffix("/") ? path + name.text : path + "/" + name.text
        }
        let start = String(decoding: bytes.prefix(Self.shownPathBytesMax / 2), as: UTF8.self)
        return start + "/.../" + name.text
    }

    private static var shownPathBytesMax: Int { 4096 }

    /// Opens a file for reading; ELOOP on a symbolic link. Opening a fifo does not wait.
    ///
    /// Access times are left alone where the owner of the file allows it.
    public func openFile(_ name: some FileName) throws(SystemError) -> File {
        let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        do throws(SystemError) {
            return try open(.openToRead, name, flags | varve_open_without_atime)
        } catch  where error.errno == EPERM {
            return try open(.openToRead, name, flags)
        } catch  where error.errno == EAGAIN {
            // Somebody has a lease on it, and gives it up while we wait.
            guard try status(of: name).kind == .regular else { throw error }
            return try open(.openToRead, name, flags & ~O_NONBLOCK)
        }
    }

    /// Opens a directory; ENOTDIR on anything else, a symbolic link to a directory included.
    public func openDirectory(_ name: some FileName) throws(SystemError) -> File {
        try open(.openDirectory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }

    /// Opens the directory that this one lies in at the moment.
    public func openParentDirectory() throws(SystemError) -> File {
        let path = path(above: path)
        let number = try attempt(.openDirectory, path) {
            openat(descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        return File(descriptor: number, path: path)
    }

    private func path(above path: String) -> String {
        path.hasSuffix("/..") && path.utf8.count > Self.shownPathBytesMax ? path : path + "/.."
    }

    /// Makes a file for reading and writing; EEXIST when the name is taken.
    public func createFile(
        _ name: some FileName, mode: UInt32 = 0o600
    ) throws(SystemError) -> File {
        try open(.create, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    }

    /// Opens a file for reading and writing, empty, and makes it when it is missing; ELOOP on a
    /// symbolic link.
    public func createOrTruncate(
        _ name: some FileName, mode: UInt32 = 0o600
    ) throws(SystemError) -> File {
        try open(
            .create, name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, mode)
    }

    /// Opens an existing file for reading and writing; ELOOP on a symbolic link.
    public func openToChange(_ name: some FileName) throws(SystemError) -> File {
        try open(.openToRead, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    }

    /// Where a symbolic link points, as bytes.
    public func readLink(_ name: some FileName) throws(SystemError) -> [UInt8] {
        try name.withCString(.readLink, in: self) { (text) throws(SystemError) in
            try Self.readLink(descriptor, text, path(of: name))
        }
    }

    static func readLink(
        _ directory: Int32, _ name: UnsafePointer<CChar>, _ path: @autoclosure () -> String
    ) throws(SystemError) -> [UInt8] {
        var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = try attempt(.readLink, path()) {
            target.withUnsafeMutableBytes { buffer in
                readlinkat(
                    directory, name, buffer.assumingMemoryBound(to: CChar.self).baseAddress!,
                    buffer.count)
            }
        }
        target.removeLast(target.count - count)
        return target
    }

    private func open(
        _ call: SystemCall, _ name: some FileName, _ flags: Int32, _ mode: UInt32 = 0
    ) throws(SystemError) -> File {
        let path = path(of: name)
        let number = try name.withCString(call, in: self) { (text) throws(SystemError) in
            try attempt(call, path) { openat(descriptor, text, flags, mode) }
        }
        return File(descriptor: number, path: path)
    }
}
