import CSystem
import Glibc

extension File {
    /// Writes all of it at the file's own position.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        guard let start = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            done += try attempt(.write, path) {
                Glibc.write(descriptor, start + done, part(.write, bytes.count - done))
            }
        }
    }

    /// Writes all of it at `offset`, and leaves the file's own position alone.
    public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
        guard let start = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            done += try attempt(.write, path) {
                let part = part(.write, bytes.count - done)
                return pwrite(descriptor, start + done, part, off_t(offset + done))
            }
        }
    }

    /// Writes all of it at the file's own position.
    public func write(_ bytes: [UInt8]) throws(SystemError) {
        try bytes.span.withUnsafeBytes { (buffer) throws(SystemError) in try write(buffer) }
    }

    /// Returns once the bytes, or a directory's entries, are on the disk.
    ///
    /// After an error the kernel has dropped what it could not write, so a second try on the same
    /// descriptor would succeed without having saved anything: give the file up instead.
    public func sync() throws(SystemError) {
        try attempt(.sync, path) { fsync(descriptor) }
    }

    /// Returns once all that was written to the file system that this lies on, by whomever, is on the
    /// disk; an error may be about any of it.
    public func syncFileSystem() throws(SystemError) {
        try attempt(.syncFileSystem, path) { varve_sync_file_system(descriptor) }
    }

    /// How many bytes one call asks for: all, but where a test wants fewer.
    @inline(__always)
    func part(_ call: SystemCall, _ bytes: Int) -> Int { FileFaults.length(call, path, bytes) }

    public func truncate(to byteCount: Int) throws(SystemError) {
        try attempt(.truncate, path) { ftruncate(descriptor, off_t(byteCount)) }
    }
}
