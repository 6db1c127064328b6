/// Stored bytes that are not what the format says. Damaged and forged are the same thing here.
public enum FormatError: Error, Sendable, Equatable {
    /// The bytes end before the value does.
    case truncated
    /// What is wrong, in words for people.
    case invalid(String)
}

extension FormatError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated: "it ends too early"
        case .invalid(let reason): reason
        }
    }
}
