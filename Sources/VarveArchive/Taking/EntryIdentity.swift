import VarveFormat
import VarveSystem

/// What tells two entries of this machine apart, whatever their paths.
struct EntryIdentity: Hashable {
    var device: UInt64
    var inode: UInt64

    init(_ status: FileStatus) {
        device = status.device
        inode = status.inode
    }

    /// The identities of those of `paths` that exist.
    static func of(_ paths: [String]) -> [EntryIdentity: String] {
        var found: [EntryIdentity: String] = [:]
        for path in paths {
            if let status = try? File.status(of: path, follow: true) {
                found[EntryIdentity(status)] = path
            }
        }
        return found
    }
}

/// The names of users and groups, each looked up once.
struct AccountNames {
    private var users: [UInt32: [UInt8]] = [:]
    private var groups: [UInt32: [UInt8]] = [:]
    /// Those of the last entry, which are mostly those of the next one.
    private var last: (uid: UInt32, gid: UInt32, names: (user: [UInt8], group: [UInt8]))?

    mutating func names(_ uid: UInt32, _ gid: UInt32) -> (user: [UInt8], group: [UInt8]) {
        if let last, last.uid == uid, last.gid == gid { return last.names }
        let user = users[uid] ?? Array((Accounts.userName(uid) ?? "").utf8)
        let group = groups[gid] ?? Array((Accounts.groupName(gid) ?? "").utf8)
        users[uid] = user
        groups[gid] = group
        last = (uid, gid, (user, group))
        return (user, group)
    }
}

extension Node.Kind {
    /// Nil for what no file system should hold.
    init?(_ kind: FileKind) {
        switch kind {
        case .regular: self = .file
        case .directory: self = .directory
        case .symlink: self = .symlink
        case .fifo: self = .fifo
        case .characterDevice: self = .characterDevice
        case .blockDevice: self = .blockDevice
        case .socket: self = .socket
        case .unknown: return nil
        }
    }
}
