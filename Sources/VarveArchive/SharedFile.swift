public import VarveSystem

/// An open file that several threads read, closed with its last reference.
public final class SharedFile: Sendable {
    public let file: File

    public init(_ file: consuming File) { self.file = file }
}
