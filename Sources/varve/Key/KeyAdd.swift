import ArgumentParser
import VarveFormat
import VarveRepository

struct KeyAdd: VarveCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Let one more passphrase or key file open the repository.",
        usage: "varve key add [OPTIONS]",
        discussion: """
            Without options a new passphrase is asked for at the terminal.

              varve key add --label anna
              varve key add --new-key-file /root/second.key
            """)

    @OptionGroup(title: "The new key") var new: NewSecretOptions
    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let repository = try RepositoryAccess(common.repository).open()
        let slot = try repository.addSlot(try new.input().readNew(), label: new.label ?? "")
        try KeyChange.announce("added", slot, console)
    }
}

/// What the commands that change keys say.
enum KeyChange {
    static func announce(_ action: String, _ slot: SlotID, _ console: Console) throws {
        if console.isJSON {
            try console.emit(["message_type": .text("key_" + action), "id": .text(slot.hex)])
        } else {
            try console.say("\(action) key \(slot.hex.prefix(8))")
        }
    }
}
