/// What the first lines of a request or an answer say.
struct MessageHead {
    /// As they came, with the empty line behind them.
    var bytes: [UInt8]
    /// The words of the first line.
    var words: [String]
    /// By their names in lower case.
    var headers: [String: String]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        words = lines.first?.split(separator: " ").map(String.init) ?? []
        headers = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = String(
                line[line.index(after: colon)...].drop { $0 == " " })
        }
    }

    /// How the end of the body is found.
    enum Length: Equatable {
        case bytes(Int)
        case chunked
        case untilClosed
    }

    /// Of a request's body.
    var requestLength: Length {
        if isChunked { return .chunked }
        return .bytes(headers["content-length"].flatMap { Int($0) } ?? 0)
    }

    /// Of the body of an answer.
    func answerLength(to method: String) -> Length {
        if method == "HEAD" || [204, 304].contains(status) || isInterim { return .bytes(0) }
        if isChunked { return .chunked }
        return headers["content-length"].flatMap { Int($0) }.map { .bytes($0) } ?? .untilClosed
    }

    private var isChunked: Bool { headers["transfer-encoding"]?.lowercased() == "chunked" }

    var status: Int { words.dropFirst().first.flatMap { Int($0) } ?? 0 }

    /// Whether another head follows.
    var isInterim: Bool { (100..<200).contains(status) }
}

/// Takes messages out of what a socket brings; used by one thread.
final class MessageReader {
    private let socket: Socket
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 1 << 20, alignment: 64)
    /// What has come and was not taken yet.
    private var waiting = 0..<0

    private static let headBytesMax = 64 << 10

    init(_ socket: Socket) { self.socket = socket }

    deinit { buffer.deallocate() }

    /// Gets more; false at the end of the stream.
    private func fill() -> Bool {
        if waiting.isEmpty { waiting = 0..<0 }
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[waiting.upperBound...])
        let count = socket.read(into: room)
        waiting = waiting.lowerBound..<(waiting.upperBound + count)
        return count > 0
    }

    /// The next head; nil when there is none.
    func head() -> MessageHead? {
        var bytes: [UInt8] = []
        repeat {
            guard let line = line(), bytes.count < Self.headBytesMax else { return nil }
            bytes += line
            if line.count == 2, bytes.count > 2 { return MessageHead(bytes) }
        } while true
    }

    /// Up to a line feed, and that.
    private func line() -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.last != UInt8(ascii: "\n") {
            if waiting.isEmpty, !fill() { return nil }
            guard bytes.count < Self.headBytesMax else { return nil }
            let part = UnsafeRawBufferPointer(rebasing: buffer[waiting])
            let count = part.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? part.count
            bytes += part[..<count]
            waiting = (waiting.lowerBound + count)..<waiting.upperBound
        }
        return bytes
    }

    /// Hands on the next body a piece at a time, as it came; false when it ended early, or `take` did
    /// not want more.
    func body(
        _ length: MessageHead.Length, _ take: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        switch length {
        case .bytes(let count): return pass(count, take)
        case .untilClosed:
            repeat { if !pass(waiting.count, take) { return false } } while fill()
            return true
        case .chunked:
            while let line = line() {
                let digits = String(decoding: line, as: UTF8.self).prefix { $0.isHexDigit }
                guard let count = Int(digits, radix: 16),
                    line.withUnsafeBytes(take)
                else { return false }
                // What closes the last one is an empty line as well.
                guard pass(count + 2, take) else { return false }
                if count == 0 { return true }
            }
            return false
        }
    }

    private func pass(_ count: Int, _ take: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        var left = count
        while left > 0 {
            if waiting.isEmpty, !fill() { return false }
            let part = min(left, waiting.count)
            let place = waiting.lowerBound
            waiting = (place + part)..<waiting.upperBound
            left -= part
            if !take(UnsafeRawBufferPointer(rebasing: buffer[place..<(place + part)])) {
                return false
            }
        }
        return true
    }
}
