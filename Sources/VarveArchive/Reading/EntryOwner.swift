import Glibc
import Synchronization
import VarveFormat
import VarveSystem

/// The owner that an entry should have here.
struct EntryOwner: Sendable {
    static let rightsOfOwner: UInt32 = 0o6000

    /// Nil leaves it as it is.
    var uid: UInt32?
    var gid: UInt32?
    /// Whose the entry is in the snapshot, as this machine counts: setuid and setgid are rights of
    /// theirs, and of nobody else.
    let meantUser: UInt32
    let meantGroup: UInt32
    let refused: RefusedOwners

    init(meantUser: UInt32, meantGroup: UInt32, refused: RefusedOwners) {
        self.meantUser = meantUser
        self.meantGroup = meantGroup
        self.refused = refused
    }

    /// Leaves the entry to whom it belongs.
    init(keptBy node: Node) {
        self.init(meantUser: node.uid, meantGroup: node.gid, refused: RefusedOwners())
    }

    /// Whether an entry has it, or this is known to be impossible.
    func isSettled(_ status: FileStatus) -> Bool {
        isOwner(of: status) || refused.contains(self, on: status.device)
    }

    func isOwner(of status: FileStatus) -> Bool {
        (uid ?? status.uid, gid ?? status.gid) == (status.uid, status.gid)
    }

    /// The mode without rights of an owner whom the entry does not have.
    func mode(_ mode: UInt32, for status: FileStatus) -> UInt32 {
        (status.uid, status.gid) == (meantUser, meantGroup) ? mode : mode & ~Self.rightsOfOwner
    }

    /// Sets it; false, and noted, when the process or the file system may not.
    func set(
        to entry: borrowing some AttributeHolder & ~Copyable, _ notes: RestoreNotes
    ) throws(SystemError) -> Bool {
        guard uid != nil || gid != nil else { return true }
        do throws(SystemError) {
            try entry.setOwner(uid: uid ?? .max, gid: gid ?? .max)
            return true
        } catch  where [EPERM, EINVAL, EOPNOTSUPP].contains(error.errno) {
            refused.add(self, on: try entry.status().device)
            notes.skip(uid == nil ? RefusedOwners.groups : RefusedOwners.owners)
            return false
        }
    }
}

/// The owners that could not be set in this run: in a container that does not have them, or on a file
/// system that has none.
final class RefusedOwners: Sendable {
    static let owners = "owners (only root may set them)"
    static let groups = "groups (only root and their members may set them)"

    private struct Key: Hashable {
        var uid: UInt32?
        var gid: UInt32?
        var device: UInt64
    }

    private let keys = Mutex<Set<Key>>([])

    func add(_ owner: EntryOwner, on device: UInt64) {
        let key = Key(uid: owner.uid, gid: owner.gid, device: device)
        keys.withLock { _ = $0.insert(key) }
    }

    func contains(_ owner: EntryOwner, on device: UInt64) -> Bool {
        let key = Key(uid: owner.uid, gid: owner.gid, device: device)
        return keys.withLock { $0.contains(key) }
    }
}
