import Glibc
import VarveSystem

/// Why a storage did not do what it was asked, in one sentence.
public struct StorageError: Error, Sendable, Equatable {
    public enum Kind: Sendable, Hashable {
        /// There is no such object, or no storage at all.
        case missing
        /// The name is taken by something else.
        case exists
        case noSpace
        /// The object is larger than the caller allows.
        case tooLarge
        /// The object ends before the bytes that were asked for.
        case truncated
        /// The storage, or this library, does not do that at all.
        case refused
        /// It is there, or may be, but may not survive a power cut.
        case unsynced
        /// Whoever asks may not do that, or this machine cannot: it says nothing of the object.
        case denied
        /// Somebody asked the process to end.
        case interrupted
        case failed
    }

    public var kind: Kind
    /// The object, or the storage when it is about no single one.
    public var name: String
    public var reason: String
    /// True when the same call may succeed a little later.
    public var transient: Bool

    public init(_ kind: Kind, _ name: String, _ reason: String, transient: Bool = false) {
        self.kind = kind
        self.name = name
        self.reason = reason
        self.transient = transient
    }

    static func missing(_ name: String) -> StorageError {
        StorageError(.missing, name, "it does not exist")
    }

    static func tooLarge(_ name: String, bytes: Int, limit: Int) -> StorageError {
        StorageError(.tooLarge, name, "it has \(bytes) bytes, over the limit of \(limit)")
    }

    static func truncated(
        _ name: String, at offset: Int, needed: Int, has: Int
    ) -> StorageError {
        StorageError(
            .truncated, name, "\(needed) bytes from byte \(offset) were wanted, it has \(has) bytes"
        )
    }

    static func unsynced(_ name: String, _ error: SystemError) -> StorageError {
        StorageError(.unsynced, name, "it may not survive a power cut: \(error.description)")
    }

    /// From a file call.
    init(_ error: SystemError, _ name: String) {
        let kind: Kind =
            switch error.errno {
            case ENOENT: .missing
            case EEXIST: .exists
            case ENOSPC, EDQUOT: .noSpace
            case EFBIG: .tooLarge
            // The disk, or the machine that has it, is gone.
            case ENOTCONN, ENODEV, ENXIO, EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH: .denied
            case EACCES, EPERM, EROFS, ENAMETOOLONG, ENOTDIR, EISDIR, ELOOP: .refused
            default: .failed
            }
        let passing = [EAGAIN, EBUSY, ETIMEDOUT, ESTALE, EMFILE, ENFILE, ENOMEM]
        self.init(kind, name, error.description, transient: passing.contains(error.errno))
    }
}

extension StorageError: CustomStringConvertible {
    public var description: String {
        // What a file call says of it names its path.
        reason.contains(name) ? reason : "\(name): \(reason)"
    }
}
