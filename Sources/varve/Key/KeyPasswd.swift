import ArgumentParser
import VarveFormat
import VarveRepository

struct KeyPasswd: VarveCommand {
    static let configuration = CommandConfiguration(
        commandName: "passwd", abstract: "Replace the key that is in use by another one.",
        usage: "varve key passwd [OPTIONS]",
        discussion: """
            Without options a new passphrase is asked for at the terminal. The new key is added \
            before the old one goes.

              varve key passwd -p old.txt
              varve key passwd --key-file old.key --new-key-file new.key
            """)

    @OptionGroup(title: "The new key") var new: NewSecretOptions

    @Flag(name: [.customShort("n"), .long], help: "Say what would be done, and change nothing.")
    var dryRun = false

    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let (repository, old) = try RepositoryAccess(common.repository).openWithSecret()
        guard !dryRun else {
            let keyFile = try new.input().rehearseNew().map { ", by the new key file \($0)" }
            let replaced = try repository.slotsOpened(by: [old]).map { $0.hex.prefix(8) }
            return try KeyChange.announceDry(
                "changed",
                "would replace key \(replaced.sorted().joined(separator: ", "))" + (keyFile ?? ""),
                console)
        }
        let slot = try repository.replaceSlots(
            openedBy: old, with: try new.input().readNew(), label: new.label)
        try KeyChange.announce("changed", slot, console)
    }
}
