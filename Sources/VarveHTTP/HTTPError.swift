import CCurl

/// Why there is no answer to a request.
public struct HTTPError: Error, Sendable, Equatable {
    public enum Kind: Sendable, Hashable {
        /// The host has no address, or nobody listens there.
        case unreachable
        /// It was connected, and ended or stood still before the whole answer had come.
        case cut
        /// No connection came about that TLS protects: it ended, or the server speaks something else.
        case handshake
        /// The certificate, or what both sides can do, does not fit.
        case untrusted
        /// The answer has more bytes than the caller allows.
        case tooLarge
        /// The body of the request could not be read on this machine.
        case body
        /// Somebody asked the process to end.
        case interrupted
        /// libcurl itself.
        case library
    }

    public var kind: Kind
    public var reason: String

    public init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    /// Whether the same request may succeed a little later.
    public var isTransient: Bool { [.unreachable, .handshake, .cut].contains(kind) }

    init(_ code: CURLcode, _ reason: String) {
        let kind: Kind =
            switch code {
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
                .unreachable
            case CURLE_SSL_CONNECT_ERROR: .handshake
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
                CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
                .untrusted
            case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_OUT_OF_MEMORY,
                CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION, CURLE_FAILED_INIT:
                .library
            default: .cut
            }
        self.init(kind, reason)
    }
}

extension HTTPError: CustomStringConvertible {
    public var description: String { reason }
}
