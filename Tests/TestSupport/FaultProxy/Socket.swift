import Glibc

/// A call about a socket that the kernel refused.
public struct SocketError: Error, CustomStringConvertible {
    public let description: String

    init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }
}

/// A TCP socket on loopback; closed with its last reference.
final class Socket: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        // Small answers would wait for the acknowledgement of what went before.
        var isOn: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn,
            socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    private static func make() throws(SocketError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        if descriptor < 0 { throw SocketError("a socket") }
        return descriptor
    }

    private static func withAddress<Answer>(
        _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Answer
    ) -> Answer {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return withUnsafeBytes(of: &address) { bytes in
            body(bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!, socklen_t(bytes.count))
        }
    }

    /// Listens on a port; on a free one for 0.
    static func listening(on port: Int) throws(SocketError) -> Socket {
        let listener = Socket(try make())
        var isOn: Int32 = 1
        setsockopt(
            listener.descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn,
            socklen_t(MemoryLayout<Int32>.size))
        let code = withAddress(port) { bind(listener.descriptor, $0, $1) }
        guard code == 0, listen(listener.descriptor, 128) == 0 else {
            throw SocketError("port \(port)")
        }
        return listener
    }

    static func connected(to port: Int) throws(SocketError) -> Socket {
        let made = Socket(try make())
        guard withAddress(port, { connect(made.descriptor, $0, $1) }) == 0 else {
            throw SocketError("port \(port)")
        }
        return made
    }

    /// Where it listens.
    var port: Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutableBytes(of: &address) { bytes in
            getsockname(
                descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!, &length)
        }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    /// Waits for a client; nil once it was shut down.
    func accepted() -> Socket? {
        while true {
            let client = accept(descriptor, nil, nil)
            if client >= 0 {
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                return Socket(client)
            }
            guard errno == EINTR || errno == ECONNABORTED else { return nil }
        }
    }

    /// How many bytes came; 0 at the end of the stream and after any error.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            guard errno == EINTR else { return 0 }
        }
    }

    /// False when the other side has gone.
    func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
            let count = send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Whether the other side has ended a connection over which nothing is under way.
    var isOver: Bool {
        var byte: UInt8 = 0
        let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
        let count = recv(descriptor, &byte, 1, flags)
        return count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
    }

    /// Wakes whoever waits for something here.
    func shutDown() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}
