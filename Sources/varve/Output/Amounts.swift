/// Numbers as people read them.
enum Amounts {
    private static let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

    /// "1.3 GiB".
    static func bytes(_ count: Int) -> String {
        guard count >= 1024 else { return "\(count) B" }
        var value = Double(count) / 1024
        var unit = 0
        // 1023.95 KiB would be shown as 1024 KiB.
        while value >= 1023.5, unit + 1 < units.count {
            value /= 1024
            unit += 1
        }
        return "\(decimal(value)) \(units[unit])"
    }

    /// "78 541".
    static func count(_ count: Int) -> String {
        let digits = String(count.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += " " }
            text.append(digit)
        }
        return count < 0 ? "-" + text : text
    }

    /// "1 file", "3 files".
    static func count(_ count: Int, _ noun: String) -> String {
        "\(self.count(count)) \(noun)" + (count == 1 ? "" : "s")
    }

    /// "2.9 s", "3 min 12 s".
    static func duration(nanoseconds: Int64) -> String {
        let seconds = Double(max(0, nanoseconds)) / 1e9
        if seconds < 0.0995 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 59.95 { return "\(decimal(seconds, from: 10)) s" }
        let whole = Int(seconds.rounded())
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }

    /// "0:16", "1:02:03".
    static func clock(seconds: Int) -> String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let minutes = "\(seconds / 60 % 60)"
        guard seconds >= 3600 else { return "\(minutes):\(two(seconds % 60))" }
        return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }

    /// "448 MiB/s"; nil when the time is too short to tell.
    static func rate(bytes count: Int, nanoseconds: Int64) -> String? {
        guard nanoseconds > 0 else { return nil }
        return bytes(Int(Double(count) / (Double(nanoseconds) / 1e9))) + "/s"
    }

    /// "1.1 %".
    static func share(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "0 %" }
        let percent = Double(part) / Double(whole) * 100
        if part > 0, percent < 0.05 { return "under 0.1 %" }
        return decimal(percent) + " %"
    }

    /// "4.6", how many times more `before` is than `after`.
    static func factor(_ before: Int, _ after: Int) -> String {
        after > 0 ? decimal(Double(before) / Double(after), places: 2) : "1.0"
    }

    /// One decimal, or none from `limit` on; two for small factors.
    private static func decimal(_ value: Double, from limit: Double = 100, places: Int = 1)
        -> String
    {
        if value >= limit - 0.05 { return count(Int(value.rounded())) }
        let scale = places == 2 && value < 1.95 ? 100 : 10
        let scaled = Int((value * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        let zeros = String(repeating: "0", count: (scale == 100 ? 2 : 1) - fraction.count)
        return "\(scaled / scale).\(zeros)\(fraction)"
    }
}
