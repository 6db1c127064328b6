import ArgumentParser
import VarveFormat
import VarveRepository

struct KeyList: VarveCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the keys that open the repository.",
        usage: "varve key list [OPTIONS]",
        discussion: "  varve key list")

    @OptionGroup var common: GlobalOptions

    func run(_ console: Console) throws {
        let repository = try RepositoryAccess(common.repository).open()
        let (whole, damaged) = try repository.listSlots()
        if console.isJSON {
            try console.print(JSONValue.list(whole.map(Self.json)).line)
        } else {
            var table = Table([
                ("ID", .left), ("Kind", .left), ("Created", .left), ("Label", .left),
            ])
            for slot in whole {
                table.add([
                    String(slot.id.hex.prefix(8)), slot.kind.rawValue, Self.time(slot.created),
                    Shown.text(slot.label),
                ])
            }
            for line in table.lines { try console.print(line) }
        }
        for (object, reason) in damaged {
            console.report(
                Failure(
                    Failure.damagedStatus,
                    "damaged: \(object): \(reason); whoever had this key needs a new one: "
                        + "`varve key add`"))
        }
        if !damaged.isEmpty { throw Failure.reported(Failure.damagedStatus) }
    }

    private static func time(_ text: String) -> String {
        Timestamp.nanoseconds(text).map(TimeText.local) ?? Shown.text(text)
    }

    private static func json(_ slot: Repository.SlotReport) -> JSONValue {
        [
            "id": .text(slot.id.hex), "short_id": .text(String(slot.id.hex.prefix(8))),
            "kind": .text(slot.kind.rawValue), "created": .text(slot.created),
            "label": .text(slot.label),
        ]
    }
}
