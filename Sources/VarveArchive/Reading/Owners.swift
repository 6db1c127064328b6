import VarveFormat
import VarveSystem

/// Who owns what is restored: by name where this machine knows it, else by number.
struct Owners: Sendable {
    let isRoot = Accounts.currentUser == 0
    private let numeric: Bool
    private var users: [[UInt8]: UInt32?] = [:]
    private var groups: [[UInt8]: UInt32?] = [:]
    /// What could not be done without root, each kind once.
    private(set) var skipped: [String] = []

    init(numeric: Bool) { self.numeric = numeric }

    mutating func skip(_ what: String) {
        if !skipped.contains(what) { skipped.append(what) }
    }

    mutating func skip(_ all: [String]) { for what in all { skip(what) } }

    /// The owner that `node` should have here; nil, and noted, when only root could set it.
    mutating func owner(of node: Node) -> (uid: UInt32, gid: UInt32)? {
        guard isRoot else {
            if node.uid != Accounts.currentUser { skip("owners (only root may set them)") }
            return nil
        }
        guard !numeric else { return (node.uid, node.gid) }
        let uid = users.remembered(node.user) { Accounts.userNumber(named: $0) } ?? node.uid
        let gid = groups.remembered(node.group) { Accounts.groupNumber(named: $0) } ?? node.gid
        return (uid, gid)
    }

    /// Sets the owner of an entry of `directory`.
    mutating func apply(_ node: Node, in directory: borrowing File) throws(SystemError) {
        guard let owner = owner(of: node) else { return }
        try directory.setOwner(node.name, uid: owner.uid, gid: owner.gid)
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
