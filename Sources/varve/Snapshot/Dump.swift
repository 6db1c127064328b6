import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

extension Snapshot {
    struct Dump: VarveCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write one file to standard output. (alias: varve dump)",
            usage: "varve snapshot dump REF:PATH [OPTIONS]",
            discussion: """
                  varve snapshot dump latest:/app.sql | psql app
                  varve snapshot dump latest /srv/app/config.yaml
                """)

        @Argument(help: ArgumentHelp("The snapshot, and the file in it.", valueName: "ref[:path]"))
        var reference: String

        @Argument(help: ArgumentHelp("The file, if not given with a colon.", valueName: "path"))
        var path: String?

        @OptionGroup var filters: FilterOptions
        @OptionGroup var common: GlobalOptions

        func run(_ console: Console) throws {
            let words = try ReferenceWords(reference, path: path)
            let repository = try RepositoryAccess(common.repository).open()
            let target = try words.target(in: repository, filters)
            guard !target.path.isEmpty else {
                throw Failure.usage("which file? Write `\(reference):/PATH`")
            }
            Interrupts.install()
            do {
                _ = try dump(
                    target.path, of: target.entry, repository, to: Console.output,
                    progress: Progress())
            } catch RepositoryError.notFound(let reason) {
                throw RepositoryError.notFound(
                    try isDirectory(target, repository)
                        ? "\(Shown.path(target.pathBytes)) is a directory; name a file below it"
                        : reason)
            }
        }

        private func isDirectory(_ target: Target, _ repository: Repository) throws -> Bool {
            var tree = try SnapshotTree(repository, target.entry)
            return try tree.find(target.path)?.kind == .directory
        }
    }
}
