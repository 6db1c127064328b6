import VarveSystem

/// Who runs a scratch server: this user, or, because PostgreSQL refuses to be run by root, one without rights.
struct ScratchOwner: Sendable {
    private let uid: UInt32
    private let gid: UInt32
    private let isOther: Bool

    init() throws {
        guard Accounts.currentUser == 0 else {
            (uid, gid, isOther) = (Accounts.currentUser, Accounts.currentGroup, false)
            return
        }
        let groups = ["postgres": ["postgres"], "nobody": ["nogroup", "nobody"]]
        for user in ["postgres", "nobody"] {
            guard let uid = Accounts.userNumber(named: user),
                let gid = groups[user]?.lazy.compactMap({ Accounts.groupNumber(named: $0) }).first
            else { continue }
            (self.uid, self.gid, isOther) = (uid, gid, true)
            return
        }
        throw SourceError(
            "PostgreSQL refuses to be run by root, and there is no user postgres or nobody to run it"
        )
    }

    /// Whether a directory that belongs to this user may be a scratch place of ours.
    func isOwn(_ user: UInt32) -> Bool { user == uid || user == Accounts.currentUser }

    /// Gives a directory to the one who runs the server.
    func take(_ directory: borrowing File) throws {
        if isOther { try directory.setOwner(uid: uid, gid: gid) }
    }

    /// Starts a program in a directory as this user, without this process's environment, which may hold secrets;
    /// it is ended when this process is.
    func start(_ program: String, _ arguments: [String], in directory: String) throws
        -> ChildProcess
    {
        var words = ["--pdeathsig=QUIT"]
        if isOther { words += ["--reuid=\(uid)", "--regid=\(gid)", "--clear-groups"] }
        words += ["--", "env", "--ignore-environment", "--chdir=\(directory)", program] + arguments
        return try ChildProcess("setpriv", words, errorOutput: .tail(bytes: 4 << 10))
    }
}
