import Synchronization
import VarveSystem

/// Stands between an HTTP/1.1 client and a server on loopback, and makes trouble as it was told.
///
/// What it passes on, it passes on byte by byte, with all headers: requests are signed. Requests that
/// wait for `100 Continue` are not understood.
public final class FaultProxy: Sendable {
    /// What happens to each request.
    public typealias Plan = @Sendable (ProxiedRequest) -> Trouble

    private struct State {
        var plan: Plan
        var history: [ProxiedRequest] = []
        var counts: [String: Int] = [:]
        var hasStopped = false
        var relays: [Relay] = []
    }

    /// Bytes of bodies that were passed on.
    public struct Traffic: Sendable, Equatable {
        public var requestBytes = 0
        public var answerBytes = 0
    }

    let target: Int
    private let listener: Socket
    private let keepsHistory: Bool
    private let state: Mutex<State>
    private let moved = Mutex(Traffic())
    private let acceptor = Mutex<WorkerThreads?>(nil)

    /// Listens on a port, on a free one for 0, and passes on to the port `target`.
    public init(
        to target: Int, on port: Int = 0, keepsHistory: Bool = true,
        plan: @escaping Plan = { _ in .none }
    ) throws {
        self.target = target
        self.keepsHistory = keepsHistory
        state = Mutex(State(plan: plan))
        listener = try Socket.listening(on: port)
        let threads = try WorkerThreads.start(count: 1, name: "proxy") { [listener, weak self] _ in
            while let client = listener.accepted() { self?.relay(client) }
        }
        acceptor.withLock { $0 = threads }
    }

    deinit { stop() }

    /// Where it listens.
    public var port: Int { listener.port }

    /// Follows another plan, and counts anew.
    public func follow(_ plan: @escaping Plan) {
        state.withLock {
            $0.plan = plan
            $0.history = []
            $0.counts = [:]
        }
    }

    /// Every request since it was told the plan.
    public var history: [ProxiedRequest] { state.withLock { $0.history } }

    /// The same by method.
    public var counts: [String: Int] { state.withLock { $0.counts } }

    /// How many of them were in trouble.
    public var troubles: Int { history.count { $0.trouble != .none } }

    public var traffic: Traffic { moved.withLock { $0 } }

    /// Ends all connections, and takes no more.
    public func stop() {
        let relays = state.withLock { state in
            state.hasStopped = true
            return state.relays
        }
        listener.shutDown()
        let threads = acceptor.withLock { $0.take() }
        for relay in relays { relay.end() }
        try? threads?.join()
    }

    private func relay(_ client: Socket) {
        let relay = Relay(client, of: self)
        let (hasStopped, over) = state.withLock { state in
            let over = state.relays.filter(\.isOver)
            state.relays.removeAll(where: \.isOver)
            if !state.hasStopped { state.relays.append(relay) }
            return (state.hasStopped, over)
        }
        for relay in over { relay.end() }
        if !hasStopped { relay.start() }
    }

    /// What becomes of a request that begins so.
    func trouble(_ head: MessageHead) -> ProxiedRequest {
        state.withLock { state in
            let method = head.words.first ?? ""
            state.counts[method, default: 0] += 1
            let target = head.words.dropFirst().first ?? ""
            var request = ProxiedRequest(
                number: state.counts.values.reduce(0, +), method: method, target: target,
                headers: head.headers)
            request.trouble = state.plan(request)
            if keepsHistory { state.history.append(request) }
            return request
        }
    }

    func noteMoved(toServer: Int = 0, toClient: Int = 0) {
        moved.withLock {
            $0.requestBytes += toServer
            $0.answerBytes += toClient
        }
    }
}
