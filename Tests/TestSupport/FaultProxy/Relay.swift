import Synchronization
import VarveSystem

/// One client's connection through a proxy, on a thread of its own.
final class Relay: Sendable {
    private let client: Socket
    private let proxy: Owner
    private let server = Mutex<Socket?>(nil)
    private let threads = Mutex<WorkerThreads?>(nil)
    private let hasEnded = Atomic(false)

    /// The proxy may go while connections are still open.
    private struct Owner: Sendable { weak let proxy: FaultProxy? }

    init(_ client: Socket, of proxy: FaultProxy) {
        self.client = client
        self.proxy = Owner(proxy: proxy)
    }

    /// Whether the connection is gone.
    var isOver: Bool { hasEnded.load(ordering: .acquiring) }

    func start() {
        let started = try? WorkerThreads.start(count: 1, name: "relay") { [self] _ in
            run()
            hangUp()
            hasEnded.store(true, ordering: .releasing)
        }
        if started == nil { hangUp() }
        threads.withLock { $0 = started }
    }

    /// Ends the connection and waits for its thread.
    func end() {
        hangUp()
        let threads = threads.withLock { $0.take() }
        try? threads?.join()
    }

    private func hangUp() {
        client.shutDown()
        server.withLock { $0?.shutDown() }
    }

    private func run() {
        let requests = MessageReader(client)
        var upstream: (socket: Socket, answers: MessageReader)?
        while let head = requests.head(), let proxy = proxy.proxy {
            let request = proxy.trouble(head)
            switch request.trouble {
            case .cutBefore: return
            case .answer(let status, let headers, let body):
                guard requests.body(head.requestLength, { _ in true }),
                    answer(status, headers, body, to: request)
                else { return }
                continue
            case .delay(let nanoseconds): Clock.sleep(nanoseconds: nanoseconds)
            default: break
            }
            if upstream?.socket.isOver ?? true {
                guard let socket = try? Socket.connected(to: proxy.target) else { return }
                upstream = (socket, MessageReader(socket))
                server.withLock { $0 = socket }
            }
            guard let upstream,
                pass(head, requests, to: upstream.socket, request.trouble, proxy),
                answer(from: upstream.answers, to: request, proxy)
            else { return }
        }
    }

    private func answer(
        _ status: Int, _ headers: [String: String], _ body: String, to request: ProxiedRequest
    ) -> Bool {
        let lines =
            ["HTTP/1.1 \(status) Made", "Content-Length: \(body.utf8.count)"]
            + headers.map { "\($0.key): \($0.value)" }
        let text =
            lines.joined(separator: "\r\n") + "\r\n\r\n" + (request.method == "HEAD" ? "" : body)
        return Array(text.utf8).withUnsafeBytes { client.write($0) }
    }

    /// Passes a request on.
    private func pass(
        _ head: MessageHead, _ requests: MessageReader, to server: Socket, _ trouble: Trouble,
        _ proxy: FaultProxy
    ) -> Bool {
        guard head.bytes.withUnsafeBytes({ server.write($0) }) else { return false }
        var left = Int.max
        if trouble == .cutRequest, case .bytes(let count) = head.requestLength { left = count / 2 }
        let isWhole = requests.body(head.requestLength) { piece in
            Self.pace(piece.count, trouble)
            proxy.noteMoved(toServer: piece.count)
            let part = UnsafeRawBufferPointer(rebasing: piece.prefix(left))
            left -= part.count
            return server.write(part) && part.count == piece.count
        }
        return isWhole && trouble != .cutRequest
    }

    /// Passes an answer back; false when the connection is to end.
    private func answer(
        from server: MessageReader, to request: ProxiedRequest, _ proxy: FaultProxy
    ) -> Bool {
        guard var head = server.head() else { return false }
        while head.isInterim, let next = server.head() { head = next }
        let length = head.answerLength(to: request.method)
        let trouble = request.trouble
        if trouble == .loseAnswer {
            _ = server.body(length) { _ in true }
            return false
        }
        if trouble == .shortenAnswer { return shorten(head, length, server) }
        guard head.bytes.withUnsafeBytes({ client.write($0) }) else { return false }
        var left = Int.max
        if trouble == .cutAnswer { if case .bytes(let count) = length { left = count / 2 } }
        let isWhole = server.body(length) { piece in
            Self.pace(piece.count, trouble)
            let part = UnsafeRawBufferPointer(rebasing: piece.prefix(left))
            left -= part.count
            proxy.noteMoved(toClient: part.count)
            return client.write(part) && part.count == piece.count
        }
        return isWhole && trouble != .cutAnswer && length != .untilClosed
    }

    /// Half of a body under a head that knows of no more.
    private func shorten(
        _ head: MessageHead, _ length: MessageHead.Length, _ server: MessageReader
    ) -> Bool {
        var body: [UInt8] = []
        guard
            server.body(
                length,
                {
                    body += $0
                    return true
                })
        else { return false }
        if length == .chunked { body = Self.withoutChunks(body) }
        let half = body.prefix(body.count / 2)
        let kept = String(decoding: head.bytes, as: UTF8.self).split(separator: "\r\n").filter {
            let name = $0.lowercased()
            return !name.hasPrefix("content-length:") && !name.hasPrefix("transfer-encoding:")
        }
        let text = kept.joined(separator: "\r\n") + "\r\nContent-Length: \(half.count)\r\n\r\n"
        return (Array(text.utf8) + half).withUnsafeBytes { client.write($0) }
    }

    private static func withoutChunks(_ body: [UInt8]) -> [UInt8] {
        var (plain, rest) = ([UInt8](), body[...])
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let digits = String(decoding: rest[..<end], as: UTF8.self).prefix { $0.isHexDigit }
            guard let count = Int(digits, radix: 16), count > 0 else { break }
            plain += rest[(end + 1)...].prefix(count)
            rest = rest[(end + 1)...].dropFirst(count + 2)
        }
        return plain
    }

    private static func pace(_ bytes: Int, _ trouble: Trouble) {
        guard case .throttle(let rate) = trouble else { return }
        Clock.sleep(nanoseconds: Int64(bytes) * 1_000_000_000 / Int64(rate))
    }
}
