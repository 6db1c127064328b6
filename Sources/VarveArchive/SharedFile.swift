import VarveSystem

/// An open file that several threads read, closed with its last reference.
final class SharedFile: Sendable {
    let file: File

    init(_ file: consuming File) { self.file = file }
}
