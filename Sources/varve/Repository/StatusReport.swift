import VarveFormat
import VarveMaintenance
import VarveRepository

/// What `status` shows, and whether it is good enough.
struct StatusReport {
    var status: RepositoryStatus
    /// How old a last snapshot may be; nil when nobody asks.
    var secondsMax: Int?
    var destinations: DestinationReport?

    /// Why the command fails: what is too old, off its trend, or damaged; nil when nothing is.
    var failure: String? {
        guard secondsMax != nil else { return nil }
        guard !status.sources.isEmpty else { return "there is no snapshot" }
        let reasons = status.sources.compactMap { source in
            let (age, size) = (age(source), "the last snapshot has \(Self.size(source))")
            let damage = "\(Amounts.count(source.damaged, "snapshot")) damaged"
            let wrong =
                (isOld(source) ? [age] : []) + (source.isOffTrend ? [size] : [])
                + (source.damaged > 0 ? [damage] : [])
            return wrong.isEmpty ? nil : Self.name(source) + ": " + wrong.joined(separator: "; ")
        }
        let all =
            reasons + [checkFailure].compactMap(\.self) + (destinations?.failures ?? [])
        return all.isEmpty ? nil : all.joined(separator: "\n")
    }

    private var checkFailure: String? {
        guard let damages = status.lastCheck?.damages, damages > 0 else { return nil }
        return "the last check found damage: \(Amounts.count(damages, "finding"))"
    }

    private func isOld(_ source: SourceStatus) -> Bool {
        guard let secondsMax else { return false }
        // What lacks something may lack just that which has to be brought back.
        return source.wholeAge(at: status.now).map { $0 / 1_000_000_000 > secondsMax } ?? true
    }

    private func age(_ source: SourceStatus) -> String {
        guard source.last.summary.isIncomplete else {
            return "the last snapshot is \(Self.age(source.age(at: status.now))) old"
        }
        guard let age = source.wholeAge(at: status.now) else { return "no snapshot is complete" }
        return "the last complete snapshot is \(Self.age(age)) old"
    }

    private static func name(_ source: SourceStatus) -> String {
        Shown.text(source.host + " " + source.sources.joined(separator: ", "))
    }

    private static func size(_ source: SourceStatus) -> String {
        Amounts.bytes(source.last.summary.bytes)
            + (source.usualBytes.map { ", \(Amounts.bytes($0)) are usual" } ?? "")
    }

    /// "3 h 12 min", "5 days".
    static func age(_ nanoseconds: Int64) -> String {
        let days = nanoseconds / 86_400_000_000_000
        return days < 3
            ? Amounts.duration(nanoseconds: nanoseconds) : Amounts.count(Int(days), "day")
    }

    func print(_ console: Console) throws {
        guard !console.isJSON else {
            for source in status.sources { try console.emit(json(source)) }
            if let destinations {
                for one in destinations.all { try console.emit(destinations.json(one)) }
            }
            return try console.emit(json)
        }
        guard !status.sources.isEmpty else { return try console.say("no snapshots") }
        for line in table.lines { try console.say(line) }
        if let destinations, !destinations.all.isEmpty {
            for line in destinations.table.lines { try console.say(line) }
        }
        for line in lines { try console.say(line) }
    }

    private var table: Table {
        var table = Table([
            ("Host", .left), ("Last", .left), ("Time", .left), ("Age", .right), ("Size", .right),
            ("Usual", .right), ("Snapshots", .right), ("Sources", .left), ("Remarks", .left),
        ])
        for source in status.sources {
            table.add([
                Shown.text(source.host), String(source.last.id.hex.prefix(8)),
                TimeText.local(source.time), Self.age(source.age(at: status.now)),
                Amounts.bytes(source.last.summary.bytes),
                source.usualBytes.map(Amounts.bytes) ?? "", Amounts.count(source.snapshots),
                Shown.text(source.sources.joined(separator: ", ")), remarks(source),
            ])
        }
        return table
    }

    private func remarks(_ source: SourceStatus) -> String {
        [
            isOld(source) ? "too old" : "", source.isOffTrend ? "unusual size" : "",
            source.last.summary.isIncomplete ? "incomplete" : "",
            source.damaged > 0 ? "\(Amounts.count(source.damaged)) damaged" : "",
        ].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private var lines: [String] {
        var lines = ["checked  " + checked]
        lines.append("pruned   " + (status.lastPrune.map(TimeText.local) ?? "never"))
        if let condemned = status.condemned {
            lines.append(
                "waiting  \(Amounts.bytes(condemned.bytes)) in "
                    + "\(Amounts.count(condemned.packs, "pack")) may be removed, from "
                    + "\(TimeText.local(condemned.due)) on")
        }
        if status.lostCopies > 0 {
            lines.append(
                "damaged  \(Amounts.count(status.lostCopies)) of the stored copies of chunks; "
                    + "`varve check` tells what that takes with it")
        }
        return lines
    }

    private var checked: String {
        guard let check = status.lastCheck else { return "never, as far as this machine knows" }
        let found =
            check.damages == 0 ? "no damage" : Amounts.count(check.damages, "finding")
        let read =
            check.readSince.map {
                "\(Amounts.count(check.packsRead)) of \(Amounts.count(check.packs, "pack")) read "
                    + "since \(TimeText.local($0))"
            } ?? "no pack read"
        return TimeText.local(check.time) + " by this machine: \(found), \(read)"
    }
}

extension StatusReport {
    private func json(_ source: SourceStatus) -> JSONValue {
        [
            "message_type": "source", "hostname": .text(source.host),
            "paths": .texts(source.sources), "snapshots_count": .integer(source.snapshots),
            "snapshot_id": .text(source.last.id.hex), "time": Self.time(source.time),
            "age": .seconds(nanoseconds: source.age(at: status.now)),
            "size": .integer(source.last.summary.bytes),
            "size_usual": source.usualBytes.map { .integer($0) } ?? .null,
            "off_trend": .flag(source.isOffTrend), "too_old": .flag(isOld(source)),
            "incomplete": .flag(source.last.summary.isIncomplete),
            "snapshots_damaged": .integer(source.damaged),
        ]
    }

    private var json: JSONValue {
        let check = status.lastCheck
        let condemned = status.condemned
        return [
            "message_type": "summary", "sources_count": .integer(status.sources.count),
            "last_check": check.map { Self.time($0.time) } ?? .null,
            "last_check_errors": check.map { .integer($0.damages) } ?? .null,
            "packs": check.map { .integer($0.packs) } ?? .null,
            "packs_read": check.map { .integer($0.packsRead) } ?? .null,
            "packs_read_since": check?.readSince.map(Self.time) ?? .null,
            "last_prune": status.lastPrune.map(Self.time) ?? .null,
            "condemned_packs": .integer(condemned?.packs ?? 0),
            "condemned_size": .integer(condemned?.bytes ?? 0),
            "condemned_due": condemned.map { Self.time($0.due) } ?? .null,
            "lost_copies": .integer(status.lostCopies),
        ]
    }

    private static func time(_ nanoseconds: Int64) -> JSONValue {
        .text(Timestamp.text(nanoseconds: nanoseconds))
    }
}
