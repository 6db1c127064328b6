import ArgumentParser
import VarveMaintenance

/// By what snapshots stay.
struct ForgetRules: ParsableArguments {
    @Option(
        name: [.customShort("l"), .long],
        help: ArgumentHelp("Keep the newest N; or `unlimited`, here and below.", valueName: "n"))
    var keepLast: String?

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("Keep the newest of each of the last N hours.", valueName: "n"))
    var keepHourly: String?

    @Option(
        name: [.customShort("d"), .long],
        help: ArgumentHelp("Keep the newest of each of the last N days.", valueName: "n"))
    var keepDaily: String?

    @Option(
        name: [.customShort("w"), .long],
        help: ArgumentHelp("Keep the newest of each of the last N weeks.", valueName: "n"))
    var keepWeekly: String?

    @Option(
        name: [.customShort("m"), .long],
        help: ArgumentHelp("Keep the newest of each of the last N months.", valueName: "n"))
    var keepMonthly: String?

    @Option(
        name: [.customShort("y"), .long],
        help: ArgumentHelp("Keep the newest of each of the last N years.", valueName: "n"))
    var keepYearly: String?

    @Option(
        help: ArgumentHelp(
            "Keep what is at most so much older than the newest: 2y5m7d3h, say.",
            valueName: "age"))
    var keepWithin: String?

    @Option(help: ArgumentHelp("Keep the newest of each hour of that age.", valueName: "age"))
    var keepWithinHourly: String?

    @Option(help: ArgumentHelp("Keep the newest of each day of that age.", valueName: "age"))
    var keepWithinDaily: String?

    @Option(help: ArgumentHelp("Keep the newest of each week of that age.", valueName: "age"))
    var keepWithinWeekly: String?

    @Option(help: ArgumentHelp("Keep the newest of each month of that age.", valueName: "age"))
    var keepWithinMonthly: String?

    @Option(help: ArgumentHelp("Keep the newest of each year of that age.", valueName: "age"))
    var keepWithinYearly: String?

    @Option(
        help: ArgumentHelp(
            "Keep what has this tag; TAG,TAG asks for both.", valueName: "tag"))
    var keepTag: [String] = []

    @Option(
        name: [.customShort("g"), .long],
        help: ArgumentHelp(
            "What makes a group: host, source, tag, with commas between, or ''.",
            valueName: "what"), completion: .list(["host", "source", "tag", "host,source"]))
    var groupBy = "host,source"

    func validate() throws {
        _ = try rules()
        _ = try grouping()
    }

    /// None when no option was given, or only such that keep nothing.
    func rules() throws -> [RetentionRule] {
        var rules: [RetentionRule] = []
        if let count = try Self.count(keepLast, "--keep-last") { rules.append(.last(count)) }
        let counts = [
            (RetentionCalendar.Period.hourly, keepHourly), (.daily, keepDaily),
            (.weekly, keepWeekly), (.monthly, keepMonthly), (.yearly, keepYearly),
        ]
        for (period, text) in counts {
            guard let count = try Self.count(text, "--keep-\(period.rawValue)") else { continue }
            rules.append(.newest(period, count))
        }
        if let age = try Self.age(keepWithin, "--keep-within") { rules.append(.within(age)) }
        let ages = [
            (RetentionCalendar.Period.hourly, keepWithinHourly), (.daily, keepWithinDaily),
            (.weekly, keepWithinWeekly), (.monthly, keepWithinMonthly),
            (.yearly, keepWithinYearly),
        ]
        for (period, text) in ages {
            guard let age = try Self.age(text, "--keep-within-\(period.rawValue)") else { continue }
            rules.append(.newestWithin(period, age))
        }
        try EmptyOption.refuse(keepTag, "--keep-tag", separator: ",")
        return rules + keepTag.map { .tags($0.split(separator: ",").map(String.init)) }
    }

    /// Nil for none, and for 0, by which restic switches a rule off.
    private static func count(_ text: String?, _ option: String) throws -> RetentionRule.Count? {
        guard let text else { return nil }
        if text == "unlimited" { return .unlimited }
        guard let number = Int(text), number >= 0 else {
            throw ValidationError("\(option) is '\(text)'; it is a number or `unlimited`")
        }
        return number == 0 ? nil : .limited(number)
    }

    private static func age(_ text: String?, _ option: String) throws -> RetentionAge? {
        guard let text else { return nil }
        guard let age = RetentionAge(text) else {
            throw ValidationError(
                "\(option) is '\(text)'; write an age like 2y5m7d3h: years, months, days, hours")
        }
        return age
    }

    func grouping() throws -> RetentionGrouping {
        var grouping: RetentionGrouping = []
        for word in groupBy.split(separator: ",") {
            switch word {
            case "host", "hosts": grouping.insert(.host)
            // What restic calls a source.
            case "source", "sources", "path", "paths": grouping.insert(.source)
            case "tag", "tags": grouping.insert(.tag)
            default:
                throw ValidationError(
                    "--group-by is '\(groupBy)'; it is made of host, source and tag")
            }
        }
        return grouping
    }
}

/// What narrows the snapshots of `forget`, where `-H` counts hours.
struct ForgetFilters: ParsableArguments {
    @Option(help: ArgumentHelp("Only snapshots of this host.", valueName: "name"))
    var host: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only snapshots with this tag; TAG,TAG asks for both.", valueName: "tag"))
    var tag: [String] = []

    @Option(help: ArgumentHelp("Only snapshots of this source.", valueName: "source"))
    var source: [String] = []

    func validate() throws { try options.validate() }

    var options: FilterOptions {
        var options = FilterOptions()
        (options.host, options.tag, options.source) = (host, tag, source)
        return options
    }
}
