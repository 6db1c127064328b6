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

    /// The names and values of all extended attributes, sorted by name; none when the file system
    /// has no such thing.
    public func extendedAttributes() throws(SystemError) -> [(name: [UInt8], value: [UInt8])] {
        let names: [UInt8]
        do throws(SystemError) {
            names = try sized {
                flistxattr(descriptor, $0?.assumingMemoryBound(to: CChar.self), $1)
            }
        } catch  where error.errno == EOPNOTSUPP {
            return []
        }
        var attributes: [(name: [UInt8], value: [UInt8])] = []
        for name in names.split(separator: 0) {
            let text = terminated(name)
            do throws(SystemError) {
                let value = try sized { fgetxattr(descriptor, text, $0, $1) }
                attributes.append((Array(name), value))
            } catch  where error.errno == ENODATA {
                // Removed since it was listed.
                continue
            }
        }
        return attributes.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// Sets one extended attribute; EINVAL when the name is empty or holds a NUL.
    public func setExtendedAttribute(_ name: [UInt8], _ value: [UInt8]) throws(SystemError) {
        guard !name.isEmpty, !name.contains(0) else {
            throw SystemError(.setAttribute, path, errno: EINVAL)
        }
        let text = terminated(name[...])
        try attempt(.setAttribute, path) { fsetxattr(descriptor, text, value, value.count, 0) }
    }

    private func terminated(_ name: ArraySlice<UInt8>) -> [CChar] {
        name.map { CChar(bitPattern: $0) } + [0]
    }

    /// Calls twice, for the size and for the bytes; again when the value grew in between.
    private func sized(
        _ body: (UnsafeMutableRawPointer?, Int) -> Int
    ) throws(SystemError) -> [UInt8] {
        while true {
            let size = try attempt(.readAttributes, path) { body(nil, 0) }
            if size == 0 { return [] }
            var bytes = [UInt8](repeating: 0, count: size)
            do throws(SystemError) {
                let count = try attempt(.readAttributes, path) {
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
