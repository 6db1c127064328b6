import ArgumentParser
import VarveRepository
import VarveSystem

struct Cat: VarveCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print any stored object as text.",
        usage: "varve cat OBJECT [OPTIONS]",
        discussion: """
            Objects are named as they lie in the repository, and ids may be cut short. No key is \
            ever printed.

              varve cat varve.json            which repository this is
              varve cat 17                    record 17 of the commit log
              varve cat state                 what the log adds up to
              varve cat snapshot 5c1f03a9     a snapshot's manifest
              varve cat index/ID -v           an index segment, chunk by chunk
              varve cat packs/data/3f/ID      a pack's table of contents
              varve cat keyrings/ID           the epochs of a keyring
              varve cat chunk ID --raw        the plain bytes of a chunk
            """)

    @Argument(help: ArgumentHelp("The object.", valueName: "object"))
    var words: [String]

    @Flag(help: "Write the plain bytes of a chunk.")
    var raw = false

    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let text = words.joined(separator: " ")
        guard let choice = ObjectChoice(text) else {
            throw Failure.usage("'\(text)' names no object; `varve cat --help` shows how")
        }
        let repository = try RepositoryAccess(common.repository).open(fromStorageAlone: true)
        if raw {
            guard case .chunk(let id) = choice else {
                throw Failure.usage("--raw is for chunks: `varve cat chunk ID --raw`")
            }
            return try Console.output.write(repository.chunkBytes(id))
        }
        let value = try repository.describe(choice, details: console.verbosity == .verbose)
        try console.print(console.isJSON ? value.line : value.lines)
    }
}
