import Glibc

extension File {
    /// Takes the file or directory for this process, until it is closed; false when another one has it.
    ///
    /// The lock is the open file's, so it goes with a process that is killed.
    public func tryToLock() throws(SystemError) -> Bool {
        do throws(SystemError) {
            try attempt(.lock, path) { flock(descriptor, LOCK_EX | LOCK_NB) }
            return true
        } catch  where error.errno == EWOULDBLOCK {
            return false
        }
    }

    /// As `tryToLock`, but waits for the one that has it.
    public func lock() throws(SystemError) {
        try attempt(.lock, path) { flock(descriptor, LOCK_EX) }
    }

    /// Gives it back before the file is closed: a child that was just started may have it open as well.
    public func unlock() { flock(descriptor, LOCK_UN) }

    /// Whether some process has its working directory here, by the process's number.
    public static func isWorkingDirectory(_ path: String, of process: Int) -> Bool {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/\(process)/cwd", &bytes, bytes.count)
        guard count > 0 else { return false }
        return bytes.prefix(count).map { UInt8(bitPattern: $0) } == Array(path.utf8)
    }

    /// Ends a process at once, by its number.
    public static func quit(process: Int) {
        if process > 1 { kill(pid_t(process), SIGQUIT) }
    }
}
