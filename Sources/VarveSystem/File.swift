import CSystem
import Glibc

/// An open file or directory, closed when it goes out of scope.
public struct File: ~Copyable, Sendable {
    /// The kernel's number for it; it stays valid as long as this value lives.
    public private(set) var descriptor: Int32
    /// Where it was opened, as text for people.
    public let path: String

    /// Takes over an open descriptor.
    public init(descriptor: Int32, path: String = "a descriptor") {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    /// Closes now and says what the kernel had still to complain about.
    public consuming func close() throws(SystemError) {
        let number = descriptor
        descriptor = -1
        // Even an interrupted close has freed the descriptor: a second one could hit another file.
        let answer = Glibc.close(number)
        var code = answer == 0 ? 0 : errno
        if let fault = FileFaults.fault(.close, path) { code = fault }
        if code != 0 && code != EINTR { throw SystemError(.close, path, errno: code) }
    }

    /// A second descriptor for the same open file.
    public func duplicate() throws(SystemError) -> File {
        let number = try attempt(.openToRead, path) { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) }
        return File(descriptor: number, path: path)
    }

    /// Opens a file for reading; follows symbolic links.
    public static func openToRead(_ path: String) throws(SystemError) -> File {
        let number = try attempt(.openToRead, path) { open(path, O_RDONLY | O_CLOEXEC) }
        return File(descriptor: number, path: path)
    }

    /// Opens a file that exists for writing at its start; follows symbolic links.
    public static func openToWrite(_ path: String) throws(SystemError) -> File {
        let number = try attempt(.write, path) { open(path, O_WRONLY | O_CLOEXEC) }
        return File(descriptor: number, path: path)
    }

    /// Opens a directory; follows symbolic links.
    public static func openDirectory(_ path: String) throws(SystemError) -> File {
        let number = try attempt(.openDirectory, path) {
            open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        return File(descriptor: number, path: path)
    }

    /// Makes a file for reading and writing; EEXIST when the name is taken, even by a symbolic link.
    public static func createExclusively(
        _ path: String, mode: UInt32 = 0o600
    ) throws(SystemError) -> File {
        let number = try attempt(.create, path) {
            open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        }
        return File(descriptor: number, path: path)
    }

    /// Opens a file for reading and writing, empty, and makes it when it is missing.
    public static func createOrTruncate(
        _ path: String, mode: UInt32 = 0o600
    ) throws(SystemError) -> File {
        let number = try attempt(.create, path) {
            open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        }
        return File(descriptor: number, path: path)
    }
}
