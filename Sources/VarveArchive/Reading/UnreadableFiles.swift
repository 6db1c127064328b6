import Glibc
import VarveSystem

extension File {
    /// Opens an entry to compare it; a file that its owner shut to themselves gets the right to read
    /// for the moment.
    func openToCompare(
        _ name: [UInt8], _ existing: FileStatus
    ) throws(SystemError) -> File {
        do throws(SystemError) {
            return try openFile(name)
        } catch  where error.errno == EACCES && existing.isOwnAndUnreadable {
            let entry = try handle(of: name)
            let status = try entry.status()
            guard status.isOwnAndUnreadable, EntryIdentity(status) == EntryIdentity(existing) else {
                throw error
            }
            try entry.setMode(status.mode | S_IRUSR)
            let opened: File
            do throws(SystemError) {
                opened = try openFile(name)
            } catch {
                try? entry.setMode(status.mode)
                throw error
            }
            try entry.setMode(status.mode)
            return opened
        }
    }
}

extension FileStatus {
    /// The kernel may take setuid and setgid away with any change of the mode, so such files stay as
    /// they are.
    fileprivate var isOwnAndUnreadable: Bool {
        kind == .regular && uid == Accounts.currentUser && mode & (S_IRUSR | 0o6000) == 0
    }
}
