import VarveFormat
import VarveSystem

/// What all parts of one restore share.
struct RestoreContext: Sendable {
    let rule: OverwriteRule
    let dryRun: Bool
    let syncs: Bool
    let sparse: Bool
    let isRoot = Accounts.currentUser == 0
    /// What this process's new files belong to.
    let ownUser = Accounts.currentUser
    let ownGroup = Accounts.currentGroup
    let window: RestoreLimits.Window
    let deletion: RestoreDeletion
    let notes: RestoreNotes
    let companions = RestoredCompanions()
    /// When what was restored is only read back: the paths at which the snapshot's need not be.
    let exempt: Set<[UInt8]>?

    init(
        _ options: RestoreOptions, _ selection: RestoreSelection, _ notes: RestoreNotes,
        exempt: Set<[UInt8]>? = nil
    ) {
        rule = options.overwrite
        dryRun = options.dryRun
        syncs = options.syncs && !options.dryRun
        sparse = options.sparse
        window = options.window
        deletion = RestoreDeletion(selection, options, notes)
        self.notes = notes
        self.exempt = exempt
    }

    var isReadingBack: Bool { exempt != nil }

    /// Whether the rule lets `node` take the place of what is there.
    func mayReplace(_ existing: FileStatus, by node: Node) -> Bool {
        switch rule {
        case .always, .ifChanged: true
        case .ifNewer: node.modified > existing.mtime
        case .never: false
        }
    }

    /// Whether bytes are written into files that are there. Until it is whole such a file has a later
    /// time than the snapshot's, and would be taken for newer.
    var writesInPlace: Bool { rule == .always || rule == .ifChanged }
}

/// A directory of the target in which entries are made.
final class RestoredDirectory: Sendable {
    let path: TreePath
    /// Nil when it is not there: in a dry run.
    let file: SharedFile?
    let traits: Traits

    /// What is known of a directory, however often it is opened.
    struct Traits: Sendable {
        /// Made by this run, so that nothing can be in it.
        var isNew: Bool
        /// The group of the directory, which new files may get.
        var gid: UInt32
        /// Whether new entries get an access control list from it.
        var givesList = false
        /// Whether what the snapshot does not have may be removed from it.
        var deletes = false
        /// Whether all in it is included, unless it is excluded.
        var isIncluded: Bool
    }

    init(_ path: TreePath, _ file: SharedFile?, _ traits: Traits) {
        self.path = path
        self.file = file
        self.traits = traits
    }
}
