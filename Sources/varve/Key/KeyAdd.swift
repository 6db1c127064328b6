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

    @Flag(name: [.customShort("n"), .long], help: "Say what would be done, and change nothing.")
    var dryRun = false

    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let repository = try RepositoryAccess(common.repository).open()
        guard !dryRun else {
            let keyFile = try new.input().rehearseNew().map { ", in the new key file \($0)" }
            return try KeyChange.announceDry("added", "would add a key" + (keyFile ?? ""), console)
        }
        let slot = try repository.addSlot(try new.input().readNew(), label: new.label ?? "")
        try KeyChange.announce("added", slot, console)
    }
}

/// What the commands that change keys say.
enum KeyChange {
    static func announce(_ action: String, _ slot: SlotID, _ console: Console) throws {
        if console.isJSON {
            try console.emit([
                "message_type": .text("key_" + action), "id": .text(slot.hex),
                "dry_run": .flag(false),
            ])
        } else {
            try console.say("\(action) key \(slot.hex.prefix(8))")
        }
    }

    /// What would become of the slot `id`, if it is there already.
    static func announceDry(
        _ action: String, id: SlotID? = nil, _ sentence: String, _ console: Console
    ) throws {
        if console.isJSON {
            try console.emit([
                "message_type": .text("key_" + action), "id": .optional(id?.hex),
                "dry_run": .flag(true),
            ])
        } else {
            try console.say("dry run, nothing is changed: \(sentence)")
        }
    }
}
