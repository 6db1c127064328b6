import CCurl
import Glibc
import VarveSystem

/// A request on its way, as libcurl's callbacks see it.
final class Transfer {
    private let body: HTTPRequest.Body
    private let sink: Sink
    private let limits: HTTPLimits
    private var sent = 0
    private(set) var status = 0
    private(set) var headers: [String: String] = [:]
    private(set) var received: [UInt8] = []
    private(set) var byteCount = 0
    /// Why a callback ended the transfer.
    private(set) var failure: HTTPError?

    /// Where the body of a success goes; that of any other answer stays in memory, cut.
    enum Sink {
        case memory(limit: Int)
        case buffer(UnsafeMutableRawBufferPointer)
    }

    /// What is kept of the body of an answer that is no success.
    private static let complaintBytesMax = 64 << 10
    private static let headersMax = 200

    init(_ body: HTTPRequest.Body, _ sink: Sink, _ limits: HTTPLimits) {
        self.body = body
        self.sink = sink
        self.limits = limits
    }

    private var isSuccess: Bool { (200..<300).contains(status) }

    /// Takes one line of the answer's head.
    func header(_ line: UnsafeRawBufferPointer) {
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            // Also of what only precedes the answer, such as 100.
            status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            headers = [:]
            return
        }
        guard let colon = text.firstIndex(of: ":"), headers.count < Self.headersMax else { return }
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        headers[text[..<colon].lowercased()] = String(
            value.reversed().drop { $0.isNewline || $0 == " " }.reversed())
    }

    /// Takes a piece of the body; false ends the transfer.
    func receive(_ piece: UnsafeRawBufferPointer) -> Bool {
        limits.download?.pass(piece.count)
        guard isSuccess else {
            received += piece.prefix(max(0, Self.complaintBytesMax - received.count))
            return true
        }
        switch sink {
        case .memory(let limit):
            guard piece.count <= limit - received.count else { return tooLarge(limit) }
            received += piece
        case .buffer(let buffer):
            guard piece.count <= buffer.count - byteCount else { return tooLarge(buffer.count) }
            UnsafeMutableRawBufferPointer(rebasing: buffer[byteCount...]).copyMemory(from: piece)
        }
        byteCount += piece.count
        return true
    }

    private func tooLarge(_ limit: Int) -> Bool {
        failure = HTTPError(.tooLarge, "the answer has over \(limit) bytes")
        return false
    }

    /// Fills a piece of the request's body: how much, 0 at its end, nil ends the transfer.
    func send(_ room: UnsafeMutableRawBufferPointer) -> Int? {
        let paced = limits.upload.map { min(room.count, $0.pieceBytes) } ?? room.count
        let count = min(paced, body.byteCount - sent)
        guard count > 0 else { return 0 }
        let piece = UnsafeMutableRawBufferPointer(rebasing: room[..<count])
        switch body {
        case .none: return 0
        case .bytes(let bytes): piece.copyBytes(from: bytes[sent..<(sent + count)])
        case .file(let descriptor, let offset, _):
            // Over a slow line the rest of a pack takes minutes, which nobody waits for who wants to end.
            guard !Interrupts.isRequested else {
                failure = HTTPError(.interrupted, "interrupted")
                return nil
            }
            guard read(descriptor, at: offset + sent, into: piece) else { return nil }
        }
        limits.upload?.pass(count)
        sent += count
        return count
    }

    private func read(
        _ descriptor: Int32, at offset: Int, into piece: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var done = 0
        while done < piece.count, let start = piece.baseAddress {
            let count = pread(descriptor, start + done, piece.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = count < 0 ? String(cString: strerror(errno)) : "it has become shorter"
                failure = HTTPError(.body, "cannot read what is to be sent: \(reason)")
                return false
            }
            done += count
        }
        return true
    }

    var response: HTTPResponse {
        HTTPResponse(status: status, headers: headers, body: received, byteCount: byteCount)
    }
}
