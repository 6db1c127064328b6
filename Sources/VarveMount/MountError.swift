/// Why nothing can be mounted, and what to do about it.
public struct MountError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
