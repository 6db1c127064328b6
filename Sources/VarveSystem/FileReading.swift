import CSystem
import Glibc

extension File {
    /// Reads once, at the file's own position: the number of bytes, 0 only at the end.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try attempt(.read, path) {
            Glibc.read(descriptor, buffer.baseAddress, part(.read, buffer.count))
        }
    }

    /// Waits until there is something to read, or the end; false when the time is over.
    public func waitToRead(milliseconds: Int32) throws(SystemError) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return try attempt(.read, path) { Int(poll(&wanted, 1, milliseconds)) } > 0
    }

    /// Reads from `offset` until the buffer is full or the file ends: the number of bytes read.
    public func readFully(
        at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        guard let start = buffer.baseAddress else { return 0 }
        // Offsets may come from damaged storage: an error, not an overflow.
        guard offset >= 0, offset <= Int.max - buffer.count else {
            throw SystemError(.read, path, errno: EINVAL)
        }
        var done = 0
        while done < buffer.count {
            let count = try attempt(.read, path) {
                let part = part(.read, buffer.count - done)
                return pread(descriptor, start + done, part, off_t(offset + done))
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Reads a file whole; EFBIG, and no allocation, when it is larger than `limit` bytes.
    public static func contents(of path: String, limit: Int) throws(SystemError) -> [UInt8] {
        let file = try openToRead(path)
        return try file.contents(limit: limit)
    }

    /// Reads on from the file's own position to its end; EFBIG when that is over `limit` bytes.
    ///
    /// Pipes and files that lie about their size are read too, never more than `limit` + 1 bytes.
    public func contents(limit: Int) throws(SystemError) -> [UInt8] {
        let expected = Int(try status().size)
        if expected > limit { throw SystemError(.read, path, errno: EFBIG) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(expected + 1)
        while true {
            let old = bytes.count
            let spare = bytes.capacity - old
            let room = min(spare > 0 ? spare : max(4096, old), limit + 1 - old)
            try bytes.append(addingCapacity: room) { (span) throws(SystemError) in
                try span.withUnsafeMutableBufferPointer { (buffer, count) throws(SystemError) in
                    count = try read(into: UnsafeMutableRawBufferPointer(buffer))
                }
            }
            if bytes.count == old { return bytes }
            if bytes.count > limit { throw SystemError(.read, path, errno: EFBIG) }
        }
    }

    /// Whether another open file has a lock on this byte, be it of this process or another one.
    public func isLocked(byte: Int) throws(SystemError) -> Bool {
        try attempt(.status, path) { varve_is_locked(descriptor, off_t(byte)) } != 0
    }

    /// The size in bytes now.
    public var size: Int {
        get throws(SystemError) { Int(try status().size) }
    }

    /// Where a sparse file holds data, in order: byte ranges from `SEEK_DATA` and `SEEK_HOLE`.
    ///
    /// One range over everything when the file system does not know.
    public func dataExtents() throws(SystemError) -> [Range<Int64>] {
        let end = try status().size
        var extents: [Range<Int64>] = []
        var position: Int64 = 0
        while position < end {
            let start = lseek(descriptor, off_t(position), varve_seek_data)
            if start < 0 {
                if errno == ENXIO { break }
                return [0..<end]
            }
            let stop = lseek(descriptor, start, varve_seek_hole)
            if stop <= start { return [0..<end] }
            extents.append(Int64(start)..<min(Int64(stop), max(end, Int64(start))))
            position = Int64(stop)
        }
        try attempt(.read, path) { lseek(descriptor, 0, SEEK_SET) }
        return extents
    }
}
