import CSystem
import Glibc

/// For `utimensat`: the access time is left as it is.
func modificationTime(_ nanoseconds: Int64) -> [timespec] {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let time =
        rest < 0
        ? timespec(tv_sec: Int(seconds - 1), tv_nsec: Int(rest + 1_000_000_000))
        : timespec(tv_sec: Int(seconds), tv_nsec: Int(rest))
    return [timespec(tv_sec: 0, tv_nsec: varve_time_omit), time]
}

extension File {
    /// Sets the modification time.
    public func setTimes(mtimeNanoseconds: Int64) throws(SystemError) {
        let times = modificationTime(mtimeNanoseconds)
        try attempt(.setTimes, path) { futimens(descriptor, times) }
    }

    /// Sets the 12 permission bits.
    public func setMode(_ mode: UInt32) throws(SystemError) {
        try attempt(.setMode, path) { fchmod(descriptor, mode) }
    }

    public func setOwner(uid: UInt32, gid: UInt32) throws(SystemError) {
        try attempt(.setOwner, path) { fchown(descriptor, uid, gid) }
    }

    /// The names and values of all extended attributes that may be read, sorted by name; none when the
    /// file system has no such thing.
    public func extendedAttributes() throws(SystemError) -> [(name: [UInt8], value: [UInt8])] {
        try Self.extendedAttributes(
            path, list: { flistxattr(descriptor, $0, $1) },
            get: { fgetxattr(descriptor, $0, $1, $2) })
    }

    /// The same of an entry of this directory, which is neither opened nor followed; needs `/proc`.
    public func extendedAttributes(
        of name: some FileName
    ) throws(SystemError) -> [(name: [UInt8], value: [UInt8])] {
        let entry = try throughProc(.readAttributes, name)
        return try Self.extendedAttributes(
            path(of: name), list: { llistxattr(entry, $0, $1) },
            get: { lgetxattr(entry, $0, $1, $2) })
    }

    /// The same of what lies at a path; a symbolic link is not followed.
    public static func extendedAttributes(
        at path: [UInt8]
    ) throws(SystemError) -> [(name: [UInt8], value: [UInt8])] {
        let shown = String(decoding: path, as: UTF8.self)
        guard !path.contains(0) else { throw SystemError(.readAttributes, shown, errno: EINVAL) }
        let text = terminated(path[...])
        return try extendedAttributes(
            shown, list: { llistxattr(text, $0, $1) }, get: { lgetxattr(text, $0, $1, $2) })
    }

    static func extendedAttributes(
        _ path: @autoclosure () -> String, list: (UnsafeMutablePointer<CChar>?, Int) -> Int,
        get: (UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) -> Int
    ) throws(SystemError) -> [(name: [UInt8], value: [UInt8])] {
        let names: [UInt8]
        do throws(SystemError) {
            names = try sized(path()) { list($0?.assumingMemoryBound(to: CChar.self), $1) }
        } catch  where error.errno == EOPNOTSUPP {
            return []
        }
        guard !names.isEmpty else { return [] }
        var attributes: [(name: [UInt8], value: [UInt8])] = []
        for name in names.split(separator: 0) {
            let text = terminated(name)
            do throws(SystemError) {
                let value = try sized(path()) { get(text, $0, $1) }
                attributes.append((Array(name), value))
            } catch  where [ENODATA, EOPNOTSUPP, EPERM, EACCES].contains(error.errno) {
                // Removed since it was listed, or not for this process to read.
                continue
            }
        }
        return attributes.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// Sets one extended attribute; EINVAL when the name is empty or holds a NUL.
    public func setExtendedAttribute(_ name: [UInt8], _ value: [UInt8]) throws(SystemError) {
        let text = try attributeName(name)
        try attempt(.setAttribute, path) { fsetxattr(descriptor, text, value, value.count, 0) }
    }

    /// The same for an entry of this directory, which is neither opened nor followed; needs `/proc`.
    public func setExtendedAttribute(
        of entry: some FileName, _ name: [UInt8], _ value: [UInt8]
    ) throws(SystemError) {
        let text = try attributeName(name)
        let target = try throughProc(.setAttribute, entry)
        try attempt(.setAttribute, path(of: entry)) {
            lsetxattr(target, text, value, value.count, 0)
        }
    }

    /// Removes one extended attribute; ENODATA when there is none of this name.
    public func removeExtendedAttribute(_ name: [UInt8]) throws(SystemError) {
        let text = try attributeName(name)
        try attempt(.setAttribute, path) { fremovexattr(descriptor, text) }
    }

    /// The same for an entry of this directory, which is neither opened nor followed; needs `/proc`.
    public func removeExtendedAttribute(
        of entry: some FileName, _ name: [UInt8]
    ) throws(SystemError) {
        let text = try attributeName(name)
        let target = try throughProc(.setAttribute, entry)
        try attempt(.setAttribute, path(of: entry)) { lremovexattr(target, text) }
    }

    func attributeName(_ name: [UInt8]) throws(SystemError) -> [CChar] {
        guard !name.isEmpty, !name.contains(0) else {
            throw SystemError(.setAttribute, path, errno: EINVAL)
        }
        return Self.terminated(name[...])
    }

    /// A path to an entry through the kernel's own link to this directory: Linux before 6.13 has no call
    /// that takes a directory and a name.
    private func throughProc(
        _ call: SystemCall, _ name: some FileName
    ) throws(SystemError) -> [CChar] {
        try name.withCString(call, in: self) { (text) throws(SystemError) in
            let prefix = "/proc/self/fd/\(descriptor)/".utf8.map { CChar(bitPattern: $0) }
            return prefix + UnsafeBufferPointer(start: text, count: strlen(text) + 1)
        }
    }

    private static func terminated(_ name: ArraySlice<UInt8>) -> [CChar] {
        name.map { CChar(bitPattern: $0) } + [0]
    }

    /// Calls twice, for the size and for the bytes; again when the value grew in between.
    private static func sized(
        _ path: @autoclosure () -> String, _ body: (UnsafeMutableRawPointer?, Int) -> Int
    ) throws(SystemError) -> [UInt8] {
        while true {
            let size = try attempt(.readAttributes, path()) { body(nil, 0) }
            if size == 0 { return [] }
            var bytes = [UInt8](repeating: 0, count: size)
            do throws(SystemError) {
                let count = try attempt(.readAttributes, path()) {
                    bytes.withUnsafeMutableBytes { body($0.baseAddress, size) }
                }
                bytes.removeLast(size - count)
                return bytes
            } catch  where error.errno == ERANGE {
                continue
            }
        }
    }
}
