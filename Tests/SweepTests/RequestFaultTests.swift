import Synchronization
import TestSupport
import Testing
import VarveStorage
import VarveSystem

// Without VARVE_TEST_S3 there is no server: tools/test starts one.
@Suite("An operation on a bucket during which requests fail", .enabled(if: S3Server.isThere))
struct RequestFaultTests {
    /// One request, all from then on, or all about the object that one is about.
    enum Extent: CaseIterable { case once, fromThenOn, ofOneObject }

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
        let sweep = try Sweep(operation, "request faults", oneOf: 29)
        for trouble in Self.troubles {
            for extent in Extent.allCases {
                try sweep.walk { number in
                    try fail(number, trouble, extent, in: sweep, server, proxy)
                }
            }
        }
        sweep.end()
    }

    /// How many requests the operation came to.
    private func fail(
        _ number: Int, _ trouble: Trouble, _ extent: Extent, in sweep: Sweep,
        _ server: S3Server, _ proxy: FaultProxy
    ) throws -> Int {
        let prefix = randomName()
        try sweep.fill(UnprobedStorage(server.storage(prefix)))
        var options = S3Options()
        options.retry = NotedPauses().policy
        let disturbed = try UnprobedStorage(server.storage(prefix, options, through: proxy.port))
        proxy.follow(Self.plan(number, trouble, extent))
        try sweep.visit(
            "request \(number), \(trouble), \(extent)", on: disturbed,
            areHarmless: extent == .once
        ) { proxy.troubles }
        return proxy.history.count
    }

    private static func plan(
        _ number: Int, _ trouble: Trouble, _ extent: Extent
    ) -> FaultProxy.Plan {
        let object = Objective()
        return { request in
            let isChosen =
                switch extent {
                case .once: request.number == number
                case .fromThenOn: request.number >= number
                case .ofOneObject: object.isMet(by: request, from: number)
                }
            return isChosen ? trouble : .none
        }
    }

    /// What one request is about, once that has come.
    private final class Objective: Sendable {
        private let place = Mutex<Substring?>(nil)

        func isMet(by request: ProxiedRequest, from number: Int) -> Bool {
            let asked = request.target.prefix { $0 != "?" }
            return place.withLock { place in
                if request.number == number { place = asked }
                return place == asked
            }
        }
    }
}

extension Operation {
    /// Those that differ in which requests they make.
    static let inBuckets = [initialise, snapshot, restore, forget, prune, keyRotate]
}
