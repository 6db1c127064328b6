import VarveFormat

/// Times as services write them.
public enum AWSTime {
    /// `20130524T000000Z`, as signatures carry it.
    static func basic(nanoseconds: Int64) -> String {
        let text = Timestamp.text(nanoseconds: nanoseconds)
        return text.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }

    /// Nanoseconds since 1970 of `2013-05-24T00:00:00Z`, with up to nine digits behind the seconds.
    public static func nanoseconds(_ text: String) -> Int64? {
        guard text.utf8.last == UInt8(ascii: "Z") else { return nil }
        let parts = text.dropLast().split(separator: ".", maxSplits: 1)
        guard let whole = parts.first else { return nil }
        let digits = parts.count > 1 ? parts[1].prefix(9) : ""
        let padding = String(repeating: "0", count: 9 - digits.count)
        return Timestamp.nanoseconds("\(whole).\(digits)\(padding)Z")
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, as RFC 9110 has it in headers.
    static func seconds(ofDate text: String) -> Int? {
        let parts = text.split(separator: " ").map(String.init)
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: parts[2])
        else { return nil }
        let number = (month < 9 ? "0" : "") + "\(month + 1)"
        return nanoseconds("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
            .map { Int($0 / 1_000_000_000) }
    }
}
