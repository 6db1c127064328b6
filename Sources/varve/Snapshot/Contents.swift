import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository

extension Snapshot {
    struct Contents: VarveCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List what is in a snapshot. (alias: varve ls)",
            usage: "varve snapshot ls REF[:PATH] [OPTIONS]",
            discussion: """
                Without a path everything is listed, with one the entries of that directory.

                  varve snapshot ls latest
                  varve snapshot ls latest:/srv/app -l
                  varve snapshot ls @2026-11-21 /etc --recursive
                """)

        @Argument(help: ArgumentHelp("The snapshot, and a path in it.", valueName: "ref[:path]"))
        var reference: String

        @Argument(help: ArgumentHelp("The path, if not given with a colon.", valueName: "path"))
        var path: String?

        @Flag(name: .shortAndLong, help: "Show mode, owner, size and time.")
        var long = false

        @Flag(help: "Go into the directories below the path.")
        var recursive = false

        @OptionGroup var filters: FilterOptions
        @OptionGroup var common: GlobalOptions

        func run(_ console: Console) throws {
            let (repository, target) = try ReferenceWords(reference, path: path).open(
                common, filters)
            var tree = try SnapshotTree(repository, target.entry)
            let node = try tree.find(target.path)
            if console.isJSON {
                try console.emit(target.entry.json.adding("message_type", "snapshot"))
            }
            if let node, node.kind != .directory {
                return try print(target.pathBytes, node, console)
            }
            let goesDown = recursive || target.path.isEmpty
            try tree.walk(tree.content(of: node), path: target.pathBytes) { path, node in
                try print(path, node, console)
                return goesDown
            }
        }

        private func print(_ path: [UInt8], _ node: Node, _ console: Console) throws {
            if console.isJSON {
                try console.emit(NodeText.json(path, node))
            } else {
                try console.print(
                    long ? NodeText.long(path, node) : Shown.path(path))
            }
        }
    }
}
