import ArgumentParser
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
    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let (repository, old) = try RepositoryAccess(common.repository).openWithSecret()
        let slot = try repository.replaceSlots(
            openedBy: old, with: try new.input().readNew(), label: new.label)
        try KeyChange.announce("changed", slot, console)
    }
}
