import CSystem
import Glibc

/// Changing what lies in a directory; a name is one component and is never followed.
extension File {
    /// EEXIST when the name is taken.
    public func makeDirectory(_ name: some FileName, mode: UInt32) throws(SystemError) {
        try change(.makeDirectory, name) { mkdirat(descriptor, $0, mode) }
    }

    /// EEXIST when the name is taken; `target` is stored as it is, EINVAL if it holds a NUL.
    public func makeSymlink(to target: [UInt8], _ name: some FileName) throws(SystemError) {
        guard !target.contains(0) else {
            throw SystemError(.makeSymlink, path(of: name), errno: EINVAL)
        }
        let text = target.map { CChar(bitPattern: $0) } + [0]
        try change(.makeSymlink, name) { symlinkat(text, descriptor, $0) }
    }

    public func makeSymlink(to target: String, _ name: some FileName) throws(SystemError) {
        try makeSymlink(to: Array(target.utf8), name)
    }

    /// Makes a fifo, a socket or a device, whose number counts for devices only.
    public func makeNode(
        _ name: some FileName, kind: FileKind, mode: UInt32, deviceNumber: UInt64 = 0
    ) throws(SystemError) {
        let type: mode_t
        switch kind {
        case .fifo: type = S_IFIFO
        case .socket: type = S_IFSOCK
        case .characterDevice: type = S_IFCHR
        case .blockDevice: type = S_IFBLK
        default: throw SystemError(.makeNode, path(of: name), errno: EINVAL)
        }
        try change(.makeNode, name) { mknodat(descriptor, $0, type | mode, dev_t(deviceNumber)) }
    }

    /// Gives an entry of `other` a second name here; EEXIST when the name is taken.
    public func makeLink(
        _ name: some FileName, to existing: some FileName, in other: borrowing File
    ) throws(SystemError) {
        let source = other.descriptor
        try existing.withCString(.link, in: other) { (from) throws(SystemError) in
            try change(.link, name) { linkat(source, from, descriptor, $0, 0) }
        }
    }

    public func remove(_ name: some FileName) throws(SystemError) {
        try change(.remove, name) { unlinkat(descriptor, $0, 0) }
    }

    /// ENOTEMPTY unless it is empty.
    public func removeDirectory(_ name: some FileName) throws(SystemError) {
        try change(.removeDirectory, name) { unlinkat(descriptor, $0, AT_REMOVEDIR) }
    }

    /// Replaces what has the other name.
    public func rename(_ name: some FileName, to other: some FileName) throws(SystemError) {
        try other.withCString(.rename, in: self) { (to) throws(SystemError) in
            try change(.rename, name) { renameat(descriptor, $0, descriptor, to) }
        }
    }

    /// Sets the modification time, also of a symbolic link itself.
    public func setTimes(
        _ name: some FileName, mtimeNanoseconds: Int64
    ) throws(SystemError) {
        let times = modificationTime(mtimeNanoseconds)
        try change(.setTimes, name) { utimensat(descriptor, $0, times, AT_SYMLINK_NOFOLLOW) }
    }

    /// Sets the owner, also of a symbolic link itself.
    public func setOwner(
        _ name: some FileName, uid: UInt32, gid: UInt32
    ) throws(SystemError) {
        try change(.setOwner, name) { fchownat(descriptor, $0, uid, gid, AT_SYMLINK_NOFOLLOW) }
    }

    /// Sets the 12 permission bits; a symbolic link has none and is left as it is.
    public func setMode(_ name: some FileName, _ mode: UInt32) throws(SystemError) {
        do throws(SystemError) {
            try change(.setMode, name) {
                fchmodat(descriptor, $0, mode, AT_SYMLINK_NOFOLLOW)
            }
        } catch  where error.errno == EOPNOTSUPP {
            // The C library answers so for symbolic links, but also when /proc is not there.
            if try status(of: name).kind != .symlink { throw error }
        }
    }

    private func change(
        _ call: SystemCall, _ name: some FileName, _ body: (UnsafePointer<CChar>) -> Int32
    ) throws(SystemError) {
        _ = try name.withCString(call, in: self) { (text) throws(SystemError) in
            try attempt(call, path(of: name)) { body(text) }
        }
    }
}
