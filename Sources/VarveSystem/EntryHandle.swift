import CSystem
import Glibc

/// What has an owner, a mode, times and extended attributes, and stays the same entry whoever takes
/// its name meanwhile.
public protocol AttributeHolder: ~Copyable {
    func status() throws(SystemError) -> FileStatus
    func setOwner(uid: UInt32, gid: UInt32) throws(SystemError)
    /// Sets the 12 permission bits.
    func setMode(_ mode: UInt32) throws(SystemError)
    func setTimes(mtimeNanoseconds: Int64) throws(SystemError)
    func extendedAttributes() throws(SystemError) -> [(name: [UInt8], value: [UInt8])]
    func setExtendedAttribute(_ name: [UInt8], _ value: [UInt8]) throws(SystemError)
    func removeExtendedAttribute(_ name: [UInt8]) throws(SystemError)
}

extension File: AttributeHolder {}

/// An entry of a directory, whatever it is, that was neither opened nor followed; needs `/proc`.
public struct EntryHandle: ~Copyable, Sendable {
    let file: File
    /// The kernel's own link to the entry, which leads to it even when it is a symbolic link.
    fileprivate let link: String

    init(_ file: consuming File) {
        link = "/proc/self/fd/\(file.descriptor)"
        self.file = file
    }
}

extension File {
    /// Takes hold of an entry of this directory.
    public func handle(of name: some FileName) throws(SystemError) -> EntryHandle {
        let path = path(of: name)
        let number = try name.withCString(.status, in: self) { (text) throws(SystemError) in
            try attempt(.status, path) {
                openat(descriptor, text, varve_open_path | O_NOFOLLOW | O_CLOEXEC)
            }
        }
        return EntryHandle(File(descriptor: number, path: path))
    }

    /// Gives the entry a further name here; EEXIST when the name is taken.
    public func makeLink(
        _ name: some FileName, to entry: borrowing EntryHandle
    ) throws(SystemError) {
        let number = entry.file.descriptor
        let link = entry.link
        _ = try name.withCString(.link, in: self) { (text) throws(SystemError) in
            do throws(SystemError) {
                return try attempt(.link, path(of: name)) {
                    linkat(AT_FDCWD, link, descriptor, text, AT_SYMLINK_FOLLOW)
                }
            } catch  where error.isMissing {
                // Without /proc; the kernel wants a capability for this one.
                return try attempt(.link, path(of: name)) {
                    linkat(number, "", descriptor, text, varve_at_empty_path)
                }
            }
        }
    }
}

extension EntryHandle: AttributeHolder {
    public func status() throws(SystemError) -> FileStatus { try file.status() }

    public func setOwner(uid: UInt32, gid: UInt32) throws(SystemError) {
        try attempt(.setOwner, file.path) {
            fchownat(file.descriptor, "", uid, gid, varve_at_empty_path)
        }
    }

    /// EOPNOTSUPP for a symbolic link, which has no mode.
    public func setMode(_ mode: UInt32) throws(SystemError) {
        try attempt(.setMode, file.path) { chmod(link, mode) }
    }

    public func setTimes(mtimeNanoseconds: Int64) throws(SystemError) {
        let times = modificationTime(mtimeNanoseconds)
        try attempt(.setTimes, file.path) { utimensat(AT_FDCWD, link, times, 0) }
    }

    public func extendedAttributes() throws(SystemError) -> [(name: [UInt8], value: [UInt8])] {
        try File.extendedAttributes(
            file.path, list: { listxattr(link, $0, $1) }, get: { getxattr(link, $0, $1, $2) })
    }

    public func setExtendedAttribute(_ name: [UInt8], _ value: [UInt8]) throws(SystemError) {
        let text = try file.attributeName(name)
        try attempt(.setAttribute, file.path) { setxattr(link, text, value, value.count, 0) }
    }

    public func removeExtendedAttribute(_ name: [UInt8]) throws(SystemError) {
        let text = try file.attributeName(name)
        try attempt(.setAttribute, file.path) { removexattr(link, text) }
    }
}
