import ArgumentParser
import VarveFormat
import VarveRepository

struct KeyRemove: VarveCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Let a key open the repository no more.",
        usage: "varve key remove ID [OPTIONS]",
        discussion: """
            The last key cannot be removed. Whoever had the key and a copy of the repository can \
            still read that copy.

              varve key list
              varve key remove 1f3a9c20
            """)

    @Argument(help: ArgumentHelp("The key's id, or the start of it.", valueName: "id"))
    var id: String

    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let repository = try RepositoryAccess(common.repository).open()
        let slot = try slot(in: repository)
        try repository.removeSlot(slot)
        try KeyChange.announce("removed", slot, console)
    }

    private func slot(in repository: Repository) throws -> SlotID {
        let found = try repository.listSlots().whole.filter { $0.id.hex.hasPrefix(id) }
        guard !id.isEmpty, let slot = found.first else {
            throw RepositoryError.notFound("there is no key '\(id)'; `varve key list` shows them")
        }
        guard found.count == 1 else {
            throw RepositoryError.notFound("'\(id)' is the start of several keys; write more of it")
        }
        return slot.id
    }
}
