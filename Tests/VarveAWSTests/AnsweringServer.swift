import Glibc
import VarveSystem

/// A server on this machine that answers each request by itself; it ends with its last reference.
final class AnsweringServer: Sendable {
    struct Request {
        /// Such as "GET /path".
        var line: String
        /// Lines as they came, but for the case of their names.
        var headers: [String]

        func has(_ header: String) -> Bool {
            headers.contains { $0.lowercased() == header.lowercased() }
        }
    }

    let url: String
    private let listener: Int32
    private let thread: WorkerThreads

    /// `answer` gives the body of a success, or nil for a refusal.
    init(_ answer: @escaping @Sendable (Request) -> String?) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer -> UInt16 in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                guard bind(listener, pointer, size) == 0, listen(listener, 16) == 0 else { return }
                getsockname(listener, pointer, &size)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        url = "http://127.0.0.1:\(port)"
        self.listener = listener
        thread = try WorkerThreads.start(count: 1, name: "server") { _ in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                Self.serve(File(descriptor: connection), answer)
            }
        }
    }

    deinit {
        // Wakes the thread that waits for a connection.
        shutdown(listener, Int32(SHUT_RDWR))
        try? thread.join()
        close(listener)
    }

    private static func serve(_ connection: consuming File, _ answer: (Request) -> String?) {
        var head: [UInt8] = []
        var byte = [UInt8](repeating: 0, count: 1)
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            let count = byte.withUnsafeMutableBytes { try? connection.read(into: $0) }
            guard count == 1 else { return }
            head += byte
        }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let line = lines[0].split(separator: " ").prefix(2).joined(separator: " ")
        let body = answer(Request(line: line, headers: lines.dropFirst().map(String.init)))
        let status = body == nil ? "403 Forbidden" : "200 OK"
        let text =
            "HTTP/1.1 \(status)\r\nContent-Length: \(body?.utf8.count ?? 0)\r\n"
            + "Connection: close\r\n\r\n\(body ?? "")"
        try? connection.write(Array(text.utf8))
    }
}
