/// A length of time in calendar units, such as `2y5m7d3h`.
public struct RetentionAge: Sendable, Hashable {
    public var years = 0
    public var months = 0
    public var days = 0
    public var hours = 0

    /// So that no calendar is asked for a date far outside of what a time can say.
    private static let digitsMax = 5

    /// Numbers with `y`, `m`, `d` or `h` behind each, every unit once; nil for all else and for nothing.
    public init?(_ text: String) {
        var rest = text[...]
        var units: Set<Character> = []
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard digits.count <= Self.digitsMax, let number = Int(digits),
                let unit = rest.dropFirst(digits.count).first, units.insert(unit).inserted
            else { return nil }
            switch unit {
            case "y": years = number
            case "m": months = number
            case "d": days = number
            case "h": hours = number
            default: return nil
            }
            rest = rest.dropFirst(digits.count + 1)
        }
        guard years + months + days + hours > 0 else { return nil }
    }
}

extension RetentionAge: CustomStringConvertible {
    public var description: String {
        [(years, "y"), (months, "m"), (days, "d"), (hours, "h")].filter { $0.0 > 0 }
            .map { "\($0.0)\($0.1)" }.joined()
    }
}
