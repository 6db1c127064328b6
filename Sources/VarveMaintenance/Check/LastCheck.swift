import VarveFormat

/// What this machine remembers of the last check that it carried to its end.
public struct LastCheck: Sendable, Equatable {
    /// Nanoseconds since 1970, by this machine's clock.
    public var time: Int64
    public var damages: Int
    public var packs: Int
    /// Packs that this machine has read whole, then or in an earlier check, and found so.
    public var packsRead: Int
    /// Since when each of them was read, by the same clock; nil when none was.
    public var readSince: Int64?

    private static let name = "last-check"

    /// Of a check at `time`; `packs` are all that it knows of.
    init(_ report: CheckReport, _ packs: Set<PackID>, _ checked: CheckedPacks, time: Int64) {
        self.time = time
        damages = report.damages
        self.packs = packs.count
        let times = packs.compactMap { checked.times[$0] }
        packsRead = times.count
        readSince = times.min()
    }

    /// Nil when this machine knows of none.
    init?(directory: String) {
        guard let line = RememberedLines(Self.name, in: directory).lines.first else { return nil }
        let fields = line.split(separator: " ").map { Int64($0) }
        guard fields.count == 5, let time = fields[0], let damages = fields[1],
            let packs = fields[2], let packsRead = fields[3]
        else { return nil }
        self.time = time
        (self.damages, self.packs, self.packsRead) = (Int(damages), Int(packs), Int(packsRead))
        readSince = fields[4]
    }

    func save(directory: String) {
        let since = readSince.map { "\($0)" } ?? "-"
        RememberedLines(Self.name, in: directory).save([
            "\(time) \(damages) \(packs) \(packsRead) \(since)"
        ])
    }
}
