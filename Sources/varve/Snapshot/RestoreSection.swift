import ArgumentParser
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSources
import VarveSystem

/// One section of a JSON file, instead of files.
struct RestoreSectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Bring back only this section of a JSON file, into the file as it is now.",
            valueName: "pointer"))
    var jsonPath: String?

    @Flag(help: "Do not ask.")
    var yes = false

    /// Nil when no section is asked for.
    func pointer() throws -> JSONPointer? {
        guard let jsonPath else { return nil }
        guard let pointer = JSONPointer(jsonPath) else {
            throw Failure.usage(
                "--json-path is '\(jsonPath)'; it begins with a slash, as in /templates")
        }
        return pointer
    }
}

extension Snapshot.Restore {
    /// Shows what would change in the live file, asks, and writes it.
    func restore(_ pointer: JSONPointer, _ console: Console) throws {
        guard let reference else {
            throw Failure.usage("--json-path needs a file, as in latest:/srv/app/state.json")
        }
        let repository = try RepositoryAccess(common.repository).open()
        let source = try ReferenceWords(reference, path: path).target(in: repository, filters)
        let target = target ?? "/" + source.path.map(RawText.text).joined(separator: "/")
        let section = try JSONSection(
            pointer, of: source.path, in: source.entry, repository, to: target)
        let name = "\(Shown.text(target))\(Shown.text(pointer.description))"
        if console.isJSON {
            try console.emit([
                "message_type": "difference", "path": .text(target),
                "section": .text(pointer.description),
                "lines": .list(section.difference.map(JSONValue.text)),
            ])
        }
        guard !section.difference.isEmpty else {
            return try console.say("\(name) is as in snapshot \(source.entry.id.hex.prefix(8))")
        }
        for line in section.difference { try console.say(Shown.text(line)) }
        if writing.dryRun { return }
        if !self.section.yes { try console.confirm("\(name) is replaced") }
        try section.write()
        try console.say("\(name) is as in snapshot \(source.entry.id.hex.prefix(8)) again")
    }
}
