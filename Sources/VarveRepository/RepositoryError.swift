import VarveFormat
public import VarveStorage

/// What can be wrong with a repository, each case with an exit status of its own.
public enum RepositoryError: Error, Sendable, Equatable {
    /// There is no repository at this location.
    case absent(location: String)
    /// There is one already.
    case exists(location: String)
    /// No key slot opens with what was given.
    case wrongKey(location: String)
    /// The slot in use holds a key-encryption key that is not, or no more, in force: `object` was
    /// sealed under another.
    case keysReplaced(object: String)
    /// The storage cannot do what is needed, or another writer won too often.
    case refused(reason: String)
    /// What a session relied on was removed before it could commit; it may succeed when run again.
    case overtaken(reason: String)
    /// The storage shows less than was there before, or another history.
    case rolledBack(location: String, seen: UInt64, found: UInt64)
    /// Stored bytes are missing, damaged or forged; `affects` says what cannot be had because of it.
    case damaged(object: String, reason: String, affects: String?)
    /// The last key slot cannot be removed.
    case lastSlot
    /// There is no such snapshot, path, slot or object.
    case notFound(String)
    /// Somebody asked the process to end.
    case interrupted
    case storage(StorageError)

    /// Damage of an object, without a word on what it affects.
    public static func damaged(_ object: String, _ reason: String) -> RepositoryError {
        .damaged(object: object, reason: reason, affects: nil)
    }

    /// There is all that makes a repository but the file that says which.
    static let missingDescriptor = RepositoryError.damaged(
        object: ObjectName.repository, reason: "it and its copy are missing, other parts are there",
        affects: "put either back from a copy; nothing was changed")

    /// A storage error while reading what must be there: a missing or short object is damage.
    static func reading(_ error: StorageError) -> RepositoryError {
        switch error.kind {
        case .missing, .truncated, .tooLarge: .damaged(error.name, error.reason)
        default: .storage(error)
        }
    }
}

extension RepositoryError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .absent(let location): "there is no repository at \(location)"
        case .exists(let location): "there is a repository at \(location) already"
        case .wrongKey(let location): "wrong passphrase or key for the repository at \(location)"
        case .keysReplaced(let object):
            "the keys of the repository were replaced, and the one in use opens it no more (\(object) "
                + "is sealed under another); open it with a key that was kept"
        case .refused(let reason), .overtaken(let reason): reason
        case .rolledBack(let location, let seen, let found):
            "the repository at \(location) was rolled back or replaced: its log was seen at number "
                + "\(seen), and now ends at \(found) or says something else there"
        case .damaged(let object, let reason, let affects):
            "damaged: \(object): \(reason)" + (affects.map { "; \($0)" } ?? "")
        case .lastSlot: "the last key slot cannot be removed: nothing could open the repository"
        case .notFound(let what): what
        case .interrupted: "interrupted"
        case .storage(let error): error.description
        }
    }
}
