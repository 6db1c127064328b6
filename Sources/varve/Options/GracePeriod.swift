/// How long condemned objects stay, as people write it: `7d`, `12h`, `0`.
enum GracePeriod {
    /// Seconds; nil when the text is no such length, or more than ten years.
    static func seconds(_ text: String) -> Int? {
        if text == "0" { return 0 }
        let units: [Character: Int] = ["d": 86_400, "h": 3_600]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
            (0...87_600).contains(count), count * unit <= 3_650 * 86_400
        else { return nil }
        return count * unit
    }

    static func text(_ seconds: Int) -> String {
        let hours = (seconds + 3_599) / 3_600
        return hours % 24 == 0 && hours > 0
            ? Amounts.count(hours / 24, "day") : Amounts.count(hours, "hour")
    }
}
