/// Why a database could not be read or written, in a sentence without secrets.
public struct SourceError: Error, Sendable, Equatable, CustomStringConvertible {
    public var description: String
    /// The server's five characters for the kind of error, if it was the server's.
    var state: String?

    init(_ description: String) { self.description = description }
}
