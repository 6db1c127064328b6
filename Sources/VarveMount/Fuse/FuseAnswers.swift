import CFuse
import Glibc
import VarveFormat

/// How what the file system answers is said to libfuse.
enum FuseAnswers {
    /// What never changes may be kept for a day.
    static let lasting = 86_400.0
    /// Views are looked at again after a second.
    static let passing = 1.0

    static func errorNumber(_ refusal: Refusal) -> Int32 {
        switch refusal {
        case .missing: ENOENT
        case .notDirectory: ENOTDIR
        case .isDirectory: EISDIR
        case .noLink: EINVAL
        case .noAttribute: ENODATA
        case .beyondEnd: ENXIO
        case .stale: ESTALE
        case .tooLarge: EOVERFLOW
        case .unreadable: EIO
        }
    }

    static func entry(_ found: FileSystem.Found) -> fuse_entry_param {
        let seconds = found.isLasting ? lasting : passing
        return fuse_entry_param(
            ino: found.number.rawValue, generation: 0, attr: status(found.status),
            attr_timeout: seconds, entry_timeout: seconds)
    }

    /// That a name is missing.
    static let noEntry = fuse_entry_param(
        ino: 0, generation: 0, attr: stat(), attr_timeout: lasting, entry_timeout: lasting)

    static func status(_ status: EntryStatus) -> stat {
        var answer = stat()
        answer.st_ino = ino_t(status.inode)
        answer.st_mode = type(of: status.kind) | status.mode
        answer.st_nlink = nlink_t(status.links)
        (answer.st_uid, answer.st_gid) = (status.uid, status.gid)
        answer.st_rdev = dev_t(status.device.number)
        answer.st_size = off_t(status.size)
        answer.st_blocks = blkcnt_t(status.blocks)
        answer.st_blksize = 128 << 10
        let (seconds, nanoseconds) = Int(status.modified).floored(by: 1_000_000_000)
        let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
        (answer.st_mtim, answer.st_atim, answer.st_ctim) = (time, time, time)
        return answer
    }

    /// What a listing says: inode and type.
    static func status(_ entry: ListedEntry) -> stat {
        var answer = stat()
        answer.st_ino = ino_t(entry.inode)
        answer.st_mode = type(of: entry.kind)
        return answer
    }

    private static func type(of kind: Node.Kind) -> mode_t {
        switch kind {
        case .directory: S_IFDIR
        case .file: S_IFREG
        case .symlink: S_IFLNK
        case .fifo: S_IFIFO
        case .characterDevice: S_IFCHR
        case .blockDevice: S_IFBLK
        case .socket: S_IFSOCK
        }
    }
}
