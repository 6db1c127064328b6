import Glibc

/// A system call that the kernel refused: what was tried, on what, and why not.
public struct SystemError: Error, Sendable, Equatable {
    /// What was tried, as a verb: "create", "read".
    public let call: String
    /// What it was tried on, as text for people; bytes that are not UTF-8 are shown as U+FFFD.
    public let path: String
    /// The kernel's error number.
    public let errno: Int32

    public init(_ call: SystemCall, _ path: String, errno: Int32) {
        self.call = call.rawValue
        self.path = path
        self.errno = errno
    }

    /// The file, or a directory on the way to it, does not exist.
    public var isMissing: Bool { errno == ENOENT }
    /// The file system or the quota is full.
    public var isNoSpace: Bool { errno == ENOSPC || errno == EDQUOT }
    /// The name is taken.
    public var isTaken: Bool { errno == EEXIST }

    /// The kernel's reason in words: "No space left on device".
    public var reason: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let text = buffer.baseAddress, strerror_r(errno, text, buffer.count) == 0 else {
                return "error \(errno)"
            }
            return String(cString: text)
        }
    }
}

extension SystemError: CustomStringConvertible {
    public var description: String { "cannot \(call) \(path): \(reason)" }
}
