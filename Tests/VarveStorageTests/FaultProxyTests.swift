import Testing
import VarveHTTP
import VarveSystem

@testable import TestSupport

@Suite("A proxy that makes trouble")
struct FaultProxyTests {
    /// A proxy whose plan answers everything stands in for a server.
    private let server: FaultProxy
    private let proxy: FaultProxy
    private let client = HTTPClient(connections: 1)

    init() throws {
        server = try FaultProxy(to: 1) { request in
            .answer(status: 200, headers: ["X-Seen": "\(request.target)"], body: "0123456789")
        }
        proxy = try FaultProxy(to: server.port)
    }

    private func send(
        _ method: HTTPRequest.Method = .get, _ body: [UInt8] = []
    ) throws(HTTPError) -> HTTPResponse {
        try client.send(
            HTTPRequest(
                method, "http://127.0.0.1:\(proxy.port)/a?b=c", headers: [("Host", "else")],
                body: body.isEmpty ? .none : .bytes(body)), limit: 1 << 20)
    }

    @Test("passes on what it is not told to disturb, and counts it")
    func passes() throws {
        for method in [HTTPRequest.Method.get, .put, .head, .delete, .get] {
            let answer = try send(method, method == .put ? randomBytes(3_000_000) : [])
            #expect(answer.status == 200 && answer.headers["x-seen"] == "/a?b=c")
            #expect(answer.body.count == (method == .head ? 0 : 10))
        }
        #expect(proxy.counts == ["GET": 2, "PUT": 1, "HEAD": 1, "DELETE": 1])
        #expect(proxy.traffic == .init(requestBytes: 3_000_000, answerBytes: 40))
        #expect(server.history.map(\.headers["host"]) == Array(repeating: "else", count: 5))
        #expect(proxy.history.map(\.number) == Array(1...5))
    }

    @Test(
        "cuts where it is told to",
        arguments: [Trouble.cutBefore, .cutRequest, .loseAnswer, .cutAnswer])
    func cuts(_ trouble: Trouble) throws {
        proxy.follow { $0.number == 1 ? trouble : .none }
        let error = #expect(throws: HTTPError.self) {
            try send(.put, [UInt8](repeating: 1, count: 100_000))
        }
        #expect(error?.kind == .cut)
        let arrived = trouble == .cutBefore ? 0 : 1
        try wait(for: "what was passed on") { server.history.count == arrived }
        #expect(try send().body.count == 10)
        #expect(proxy.troubles == 1)
    }

    @Test("answers in the server's place, and shortens what that said")
    func answers() throws {
        proxy.follow { $0.number == 1 ? .slowDown(retryAfter: 7) : .shortenAnswer }
        let first = try send()
        #expect(first.status == 503 && first.headers["retry-after"] == "7")
        #expect(String(decoding: first.body, as: UTF8.self).contains("<Code>SlowDown</Code>"))
        #expect(server.history.isEmpty)
        #expect(try send().body == Array("01234".utf8))
    }

    @Test("passes on chunks as they are, and delays")
    func chunks() throws {
        let head = MessageHead(Array("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
        #expect(head.requestLength == .chunked)
        #expect(
            MessageHead(Array("HTTP/1.1 204 No\r\n\r\n".utf8)).answerLength(to: "GET") == .bytes(0))
        proxy.follow { _ in .delay(nanoseconds: 30_000_000) }
        let start = Clock.monotonicNanoseconds()
        _ = try send()
        #expect(Clock.monotonicNanoseconds() - start >= 30_000_000)
    }
}
