import VarveFormat
import VarveSystem

/// Who owns what is restored: by name where this machine knows it, else by number.
struct Owners {
    private let isRoot = Accounts.currentUser == 0
    private let numeric: Bool
    private let given: RestoredOwner?
    private let notes: RestoreNotes
    private let ownGroups = Accounts.currentGroups
    private let refused = RefusedOwners()
    private var users: [[UInt8]: UInt32?] = [:]
    private var groups: [[UInt8]: UInt32?] = [:]

    init(_ options: RestoreOptions, _ notes: RestoreNotes) {
        numeric = options.numericIDs
        given = options.owner
        self.notes = notes
    }

    /// The owner that `node` should have here; what only root could set is noted, and left as it is.
    mutating func owner(of node: Node) -> EntryOwner {
        var owner = EntryOwner(
            meantUser: user(of: node), meantGroup: group(of: node), refused: refused)
        if isRoot {
            owner.uid = given?.uid ?? owner.meantUser
            owner.gid = given?.gid ?? owner.meantGroup
        } else if owner.meantUser != Accounts.currentUser || given != nil {
            notes.skip(RefusedOwners.owners)
        } else if ownGroups.contains(owner.meantGroup) {
            owner.gid = owner.meantGroup
        } else {
            notes.skip(RefusedOwners.groups)
        }
        return owner
    }

    private mutating func user(of node: Node) -> UInt32 {
        guard !numeric else { return node.uid }
        return users.remembered(node.user) { Accounts.userNumber(named: $0) } ?? node.uid
    }

    private mutating func group(of node: Node) -> UInt32 {
        guard !numeric else { return node.gid }
        return groups.remembered(node.group) { Accounts.groupNumber(named: $0) } ?? node.gid
    }
}

extension Dictionary where Key == [UInt8], Value == UInt32? {
    fileprivate mutating func remembered(
        _ name: [UInt8], _ look: (String) -> UInt32?
    ) -> UInt32? {
        guard !name.isEmpty else { return nil }
        if let known = self[name] { return known }
        let found = look(String(decoding: name, as: UTF8.self))
        self[name] = .some(found)
        return found
    }
}
