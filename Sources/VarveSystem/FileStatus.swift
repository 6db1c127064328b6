import CSystem
import Glibc

/// What a directory entry is.
public enum FileKind: Sendable, Hashable {
    case regular, directory, symlink, fifo, characterDevice, blockDevice, socket
    /// The file system does not say in a listing; ask for the status.
    case unknown

    init(mode: UInt16) {
        self =
            switch mode_t(mode) & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symlink
            case S_IFIFO: .fifo
            case S_IFCHR: .characterDevice
            case S_IFBLK: .blockDevice
            case S_IFSOCK: .socket
            default: .unknown
            }
    }

    /// From a directory entry's type, which is the file type's bits moved down by 12.
    init(entryType: UInt8) { self.init(mode: UInt16(entryType & 0xf) << 12) }
}

/// What the kernel knows about a file without opening it.
public struct FileStatus: Sendable, Hashable {
    public var kind: FileKind
    /// The 12 permission bits.
    public var mode: UInt32
    public var uid: UInt32
    public var gid: UInt32
    /// In bytes.
    public var size: Int64
    /// Nanoseconds since 1970, negative before; held at the ends of the range (1677 to 2262).
    public var mtime: Int64
    /// Nanoseconds since 1970, as `mtime`.
    public var ctime: Int64
    public var inode: UInt64
    /// The device that the file lies on.
    public var device: UInt64
    public var links: UInt32
    /// The device that a special file stands for.
    public var deviceNumber: UInt64
    /// Units of 512 bytes that are really occupied.
    public var blocks: UInt64
    /// Whether something is mounted there, be it a part of the same device; false before Linux 5.8.
    public var isMountRoot: Bool

    /// Whether `mtime` is not the one that the file has, which lies beyond the range.
    public var isMtimeHeld: Bool { mtime == .min || mtime == .max }

    init(_ status: statx) {
        kind = FileKind(mode: status.stx_mode)
        mode = UInt32(status.stx_mode) & 0o7777
        uid = status.stx_uid
        gid = status.stx_gid
        size = Int64(clamping: status.stx_size)
        mtime = nanoseconds(status.stx_mtime)
        ctime = nanoseconds(status.stx_ctime)
        inode = status.stx_ino
        device = varve_device(status.stx_dev_major, status.stx_dev_minor)
        links = status.stx_nlink
        deviceNumber = varve_device(status.stx_rdev_major, status.stx_rdev_minor)
        blocks = status.stx_blocks
        isMountRoot = status.stx_attributes & varve_mount_root != 0
    }
}

private func nanoseconds(_ time: statx_timestamp) -> Int64 {
    let (whole, overflow) = time.tv_sec.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return time.tv_sec < 0 ? .min : .max }
    let (sum, tooMuch) = whole.addingReportingOverflow(Int64(time.tv_nsec))
    return tooMuch ? .max : sum
}

extension File {
    /// The status of the open file.
    public func status() throws(SystemError) -> FileStatus {
        var status = statx()
        try attempt(.status, path) { varve_statx(descriptor, "", varve_at_empty_path, &status) }
        return FileStatus(status)
    }

    /// The status of the directory that this one lies in at the moment.
    public func parentStatus() throws(SystemError) -> FileStatus {
        var status = statx()
        try attempt(.status, path) { varve_statx(descriptor, "..", 0, &status) }
        return FileStatus(status)
    }

    /// The status of what lies at a path; ENOENT when nothing does.
    public static func status(
        of path: String, follow: Bool = true
    ) throws(SystemError) -> FileStatus {
        var status = statx()
        try attempt(.status, path) {
            varve_statx(AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW, &status)
        }
        return FileStatus(status)
    }

    /// The status of an entry of this directory; asked for anew where another machine may change it.
    public func status(
        of name: some FileName, follow: Bool = false
    ) throws(SystemError) -> FileStatus {
        let flags = follow ? 0 : AT_SYMLINK_NOFOLLOW
        return try name.withCString(.status, in: self) { (text) throws(SystemError) in
            var status = statx()
            try attempt(.status, path(of: name)) { varve_statx(descriptor, text, flags, &status) }
            return FileStatus(status)
        }
    }
}
