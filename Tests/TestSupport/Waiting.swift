import VarveSystem

/// Something that a test waited for in vain.
public struct Overdue: Error, CustomStringConvertible {
    public let description: String
}

/// Looks again and again until it is so; throws after two minutes, which even a loaded machine has to
/// spare.
public func wait(for what: String, until isSo: () throws -> Bool) throws {
    let end = Clock.monotonicNanoseconds() + 120_000_000_000
    while try !isSo() {
        guard Clock.monotonicNanoseconds() < end else {
            throw Overdue(description: "waited two minutes for \(what)")
        }
        Clock.sleep(nanoseconds: 1_000_000)
    }
}
