import VarveFormat
import VarveSystem

/// Whether others may have a file open.
extension RestoredFile {
    /// Whether nobody can have it open, with some of these rights, who may not open what it becomes:
    /// a descriptor stays open whatever mode and owner the file gets. False if that is not known.
    func isClosedToOthers(
        _ file: borrowing File, _ status: FileStatus, rights: UInt32
    ) -> Bool {
        let owner = attributes.owner
        guard status.uid == context.ownUser || status.uid == owner.uid else { return false }
        let before = status.mode & (rights << 3 | rights)
        let after = owner.mode(attributes.mode, for: status)
        guard before & ~after == 0 else { return false }
        guard before & 0o070 != 0 else { return true }
        // With a list the group's bits are the most that anybody in it has.
        return status.gid == (owner.gid ?? status.gid) && attributes.haveList(of: file)
    }
}

extension RestoredAttributes {
    /// Whether the access control list of `file`, or its absence, is the one it should have.
    fileprivate func haveList(of file: borrowing File) -> Bool {
        guard let found = try? file.extendedAttributes() else { return false }
        let name = Self.accessList.utf8
        return found.first { $0.name.elementsEqual(name) }?.value
            == extended.first { $0.name.elementsEqual(name) }?.value
    }
}
