/// Something that a test hands to another thread, or to a closure that could run on one, and uses there
/// alone.
public struct Unchecked<Value>: @unchecked Sendable {
    public let value: Value

    public init(_ value: Value) { self.value = value }
}
