import CCrypto

/// Why a cryptographic operation gave no result.
public enum CryptoError: Error, Equatable {
    /// The bytes are not what was sealed, or the key, nonce or associated data is another one.
    case authenticationFailed
    /// A key, nonce or output of `count` bytes where `expected` bytes are meant.
    case wrongLength(count: Int, expected: Int)
    /// More bytes than one operation takes.
    case tooLong(count: Int)
    /// Key derivation parameters outside the stated bounds.
    case unacceptableParameters
    /// libcrypto refused; `reason` is its own error code, 0 if it gave none.
    case library(operation: String, reason: UInt)
}

extension CryptoError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .authenticationFailed: "the sealed bytes are corrupt or were tampered with"
        case .wrongLength(let count, let expected): "\(count) bytes given, \(expected) needed"
        case .tooLong(let count): "\(count) bytes are too many for one operation"
        case .unacceptableParameters: "the key derivation parameters are out of bounds"
        case .library(let operation, let reason): "libcrypto: \(operation) failed (\(reason))"
        }
    }
}

extension CryptoError {
    /// What libcrypto says about the call that just failed on this thread.
    static func failed(_ operation: String) -> CryptoError {
        let reason = ERR_peek_last_error()
        ERR_clear_error()
        return .library(operation: operation, reason: reason)
    }
}

/// Turns a libcrypto status, 1 for success, into an error.
@inline(__always)
func require(_ status: Int32, _ operation: @autoclosure () -> String) throws(CryptoError) {
    guard status == 1 else { throw CryptoError.failed(operation()) }
}
