import Testing

@Suite("An operation of the sweeps")
struct OperationTests {
    /// One that says that it has taken a snapshot names it, and needs no other witness.
    private static let all = Operation.all.filter { $0.name != Operation.snapshot.name }

    @Test("cannot say that it is done when nothing was", arguments: all)
    func nothingDone(operation: Operation) throws {
        let site = try Site()
        try operation.prepare(site)
        #expect(throws: (any Error).self) { try operation.expectDone(site) }
    }
}
