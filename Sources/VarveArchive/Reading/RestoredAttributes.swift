import Glibc
import VarveFormat
import VarveSystem

/// Owner, extended attributes, mode and time of an entry, as it should have them.
struct RestoredAttributes: Sendable {
    let kind: Node.Kind
    let owner: EntryOwner
    let mode: UInt32
    let modified: Int64
    let extended: [Node.Attribute]

    init(_ node: Node, owner: EntryOwner) {
        kind = node.kind
        self.owner = owner
        mode = node.mode
        modified = node.modified
        extended = node.attributes
    }

    /// Whether an existing entry has other ones; what this process could not set does not count.
    func differ(
        from entry: borrowing some AttributeHolder & ~Copyable, _ status: FileStatus
    ) throws(SystemError) -> Bool {
        if !owner.isSettled(status) { return true }
        if kind != .symlink, owner.mode(mode, for: status) != status.mode { return true }
        if modified != status.mtime { return true }
        let found = try entry.extendedAttributes()
        guard !found.isEmpty || !extended.isEmpty else { return false }
        if !superfluous(found.map(\.name)).isEmpty { return true }
        return missing(found).contains { isSettable($0.name) }
    }

    /// Sets all of them; `isClean` says that the entry has no extended attributes yet.
    ///
    /// What the process or the file system does not allow is noted as a kind. False when nothing but
    /// the owner was another one, and that could not be set: then nothing was changed.
    @discardableResult
    func apply(
        to entry: borrowing some AttributeHolder & ~Copyable, isClean: Bool,
        ownerIsSet: Bool = false,
        _ notes: RestoreNotes
    ) throws(SystemError) -> Bool {
        if !ownerIsSet, try !owner.set(to: entry, notes), !isClean,
            try !differ(from: entry, entry.status())
        {
            return false
        }
        var mode = mode
        if !isClean || !extended.isEmpty { try applyExtended(to: entry, isClean, &mode, notes) }
        if kind != .symlink {
            if mode & EntryOwner.rightsOfOwner != 0 {
                let wanted = mode
                mode = owner.mode(wanted, for: try entry.status())
                if mode != wanted { notes.skip("setuid and setgid bits (the owner is another)") }
            }
            try entry.setMode(mode)
        }
        try entry.setTimes(mtimeNanoseconds: modified)
        return true
    }

    private func applyExtended(
        to entry: borrowing some AttributeHolder & ~Copyable, _ isClean: Bool, _ mode: inout UInt32,
        _ notes: RestoreNotes
    ) throws(SystemError) {
        let found = isClean ? [] : try entry.extendedAttributes()
        for name in superfluous(found.map(\.name)) {
            do throws(SystemError) {
                try entry.removeExtendedAttribute(name)
            } catch  where [ENODATA, EOPNOTSUPP].contains(error.errno) {}
        }
        for attribute in missing(found) {
            do throws(SystemError) {
                try entry.setExtendedAttribute(attribute.name, attribute.value)
            } catch  where isRefusal(error) {
                notes.skip(Self.kind(attribute.name) + " (\(error.reason))")
                if attribute.name.elementsEqual(Self.accessList.utf8) {
                    mode = PosixACL.mode(mode, without: attribute.value)
                }
            }
        }
    }

    /// Whether an attribute is not allowed here, or too long; any other error is one of the entry.
    private func isRefusal(_ error: SystemError) -> Bool {
        // Some file systems have no space for long ones. What all of them take needs a disk that is
        // full.
        if error.isNoSpace {
            let bytes = extended.reduce(0) { $0 + $1.name.count + $1.value.count }
            return bytes > RestoreLimits.attributesAlwaysTaken
        }
        // Invalid is a list that names a user whom the namespace does not have.
        return [EPERM, EACCES, EOPNOTSUPP, E2BIG, ERANGE, EINVAL].contains(error.errno)
    }

    private func missing(_ found: [(name: [UInt8], value: [UInt8])]) -> [Node.Attribute] {
        extended.filter { wanted in
            !found.contains { $0.name == wanted.name && $0.value == wanted.value }
        }
    }

    /// Those of `found` that the snapshot does not have, of the kinds that are a user's.
    private func superfluous(_ found: [[UInt8]]) -> [[UInt8]] {
        found.filter { name in
            (name.starts(with: "user.".utf8) || name.starts(with: "system.posix_acl_".utf8))
                && !extended.contains { $0.name == name }
        }
    }

    private func isSettable(_ name: [UInt8]) -> Bool {
        Accounts.currentUser == 0 || name.starts(with: "user.".utf8)
            || name.starts(with: "system.posix_acl_".utf8)
    }

    static let accessList = "system.posix_acl_access"

    /// "extended attributes security.*", for people.
    private static func kind(_ name: [UInt8]) -> String {
        if name.starts(with: "system.posix_acl_".utf8) { return "access control lists" }
        let space = name.prefix { $0 != UInt8(ascii: ".") }
        return "extended attributes \(String(decoding: space, as: UTF8.self)).*"
    }
}

/// The value of `system.posix_acl_access`: four bytes of version, then entries of tag (2), rights (2)
/// and number (4), all little-endian (linux/posix_acl_xattr.h).
enum PosixACL {
    private static let owningGroup: UInt8 = 4

    /// The mode for a file that could not get its list: with a list the group's bits are the mask, and
    /// without it they would give the group the rights of others in the list.
    static func mode(_ mode: UInt32, without list: [UInt8]) -> UInt32 {
        for start in stride(from: 4, to: list.count - 7, by: 8)
        where list[start] == owningGroup && list[start + 1] == 0 {
            return mode & ~0o070 | UInt32(list[start + 2] & 7) << 3
        }
        return mode & ~0o070
    }
}
