/// What a session wrote.
public struct WriteCounts: Sendable, Equatable {
    /// Chunks that no snapshot held before.
    public var chunks = 0
    /// Their plain bytes.
    public var bytes = 0
    /// Stored bytes of their frames.
    public var storedBytes = 0
    /// Of the above, what was stored as differences from other chunks.
    public var deltaBytes = 0
    public var deltaStoredBytes = 0
    /// Of the above, plain bytes that were stored as they are, being incompressible.
    public var incompressibleBytes = 0

    public init() {}
}
