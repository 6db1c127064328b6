import TestSupport
import Testing
import VarveStorage
import VarveSystem

// Without VARVE_TEST_S3 there is no server: tools/test starts one.
@Suite("An operation on a bucket during which requests fail", .enabled(if: S3Server.isThere))
struct RequestFaultTests {
    enum Duration: CaseIterable { case once, fromThenOn }

    /// What goes wrong: a request that does not arrive, or only in part, one that the server cannot
    /// serve, an answer that is lost, or comes only in part.
    private static let troubles: [Trouble] = [
        .cutBefore, .cutRequest, .internalError, .loseAnswer, .cutAnswer,
    ]

    @Test(
        "harms nothing that was there, and one request that fails is not even noticed",
        arguments: Operation.inBuckets)
    func sweep(operation: Operation) throws {
        let server = try #require(S3Server.current)
        let proxy = try FaultProxy(to: server.port)
        let sweep = try Sweep(operation, "request faults", oneOf: 23)
        for trouble in Self.troubles {
            for duration in Duration.allCases {
                try sweep.walk { number in
                    try fail(number, trouble, duration, in: sweep, server, proxy)
                }
            }
        }
        sweep.end()
    }

    /// How many requests the operation came to.
    private func fail(
        _ number: Int, _ trouble: Trouble, _ duration: Duration, in sweep: Sweep,
        _ server: S3Server, _ proxy: FaultProxy
    ) throws -> Int {
        let prefix = randomName()
        try sweep.fill(UnprobedStorage(server.storage(prefix)))
        var options = S3Options()
        options.retry = NotedPauses().policy
        let disturbed = try UnprobedStorage(server.storage(prefix, options, through: proxy.port))
        proxy.follow {
            let isChosen = duration == .once ? $0.number == number : $0.number >= number
            return isChosen ? trouble : .none
        }
        try sweep.visit(
            "request \(number), \(trouble), \(duration)", on: disturbed,
            areHarmless: duration == .once
        ) { proxy.troubles }
        return proxy.history.count
    }
}

extension Operation {
    /// Those that differ in which requests they make.
    static let inBuckets = [initialise, snapshot, restore, forget, prune, keyRotate]
}
