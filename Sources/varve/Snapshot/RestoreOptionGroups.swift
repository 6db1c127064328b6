import ArgumentParser
import VarveArchive
import VarveSystem

/// What of the snapshot is restored.
struct RestoreSelectionOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Restore only what matches, by its path in the snapshot.", valueName: "pattern"))
    var include: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Leave out what matches; `!` takes back.", valueName: "pattern"))
    var exclude: [String] = []

    @Flag(help: "Remove what the snapshot does not have, below its sources' paths.")
    var delete = false

    func validate() throws {
        try EmptyOption.refuse(include, "--include")
        try EmptyOption.refuse(exclude, "--exclude")
    }
}

/// How it is written.
struct RestoreWritingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What becomes of existing files: always, if-changed, if-newer or never.",
            valueName: "rule"),
        completion: .list(OverwriteRule.allCases.map(\.rawValue)))
    var overwrite = "always"

    @Flag(help: "Make holes of zeros in new files.")
    var sparse = false

    @Flag(help: "Read everything back at the end.")
    var verify = false

    @Flag(help: "End only when everything is on the disk.")
    var sync = false

    @Option(
        help: ArgumentHelp("Give everything to this owner.", valueName: "user:group"))
    var chown: String?

    @Flag(help: "Restore owners by number, not by name.")
    var numericIds = false

    @Flag(name: [.customShort("n"), .long], help: "Change nothing, say what would be done.")
    var dryRun = false

    func validate() throws {
        if OverwriteRule(rawValue: overwrite) == nil {
            let rules = OverwriteRule.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--overwrite is '\(overwrite)'; it is one of \(rules)")
        }
    }

    /// The owner that `--chown` names: `user`, `user:group` or `:group`, by name or number.
    func owner() throws -> RestoredOwner? {
        guard let chown else { return nil }
        let words = chown.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let user = words.first.map(String.init) ?? ""
        let group = words.count > 1 ? String(words[1]) : ""
        guard !user.isEmpty || !group.isEmpty else {
            throw Failure.usage("--chown is '\(chown)'; write it like user:group")
        }
        return RestoredOwner(
            uid: try Self.number(user, "user") { Accounts.userNumber(named: $0) },
            gid: try Self.number(group, "group") { Accounts.groupNumber(named: $0) })
    }

    private static func number(
        _ word: String, _ kind: String, _ look: (String) -> UInt32?
    ) throws -> UInt32? {
        if word.isEmpty { return nil }
        guard let number = look(word) ?? UInt32(word) else {
            throw Failure.usage("--chown: there is no \(kind) '\(Shown.text(word))' here")
        }
        return number
    }
}
