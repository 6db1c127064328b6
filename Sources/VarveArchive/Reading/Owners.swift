import VarveFormat
import VarveSystem

/// Who owns what is restored: by name where this machine knows it, else by number.
struct Owners {
    private let isRoot = Accounts.currentUser == 0
    private let numeric: Bool
    private let given: RestoredOwner?
    private let notes: RestoreNotes
    private var users: [[UInt8]: UInt32?] = [:]
    private var groups: [[UInt8]: UInt32?] = [:]

    init(_ options: RestoreOptions, _ notes: RestoreNotes) {
        numeric = options.numericIDs
        given = options.owner
        self.notes = notes
    }

    /// The owner that `node` should have here; nil, and noted, when only root could set it.
    mutating func owner(of node: Node) -> RestoredAttributes.Owner? {
        guard isRoot else {
            if node.uid != Accounts.currentUser || given != nil {
                notes.skip("owners (only root may set them)")
            }
            return nil
        }
        return RestoredAttributes.Owner(
            uid: given?.uid ?? user(of: node), gid: given?.gid ?? group(of: node))
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
