import VarveStorage

/// One thing that a check found.
public struct CheckFinding: Sendable, Hashable {
    public enum Weight: Sendable {
        /// Nothing is lost by it: another copy is whole, or it can be made again.
        case warning
        case damage
    }

    public var weight: Weight
    /// The name of the stored object, or what else it is about.
    public var object: String
    public var reason: String

    public init(_ weight: Weight, _ object: String, _ reason: String) {
        self.weight = weight
        self.object = object
        self.reason = reason
    }

    /// The same about an object that is condemned: nothing new relies on it, and what is lost with it
    /// is told where it is needed.
    package var ofCondemned: CheckFinding {
        CheckFinding(.warning, object, reason + "; it was condemned, and is waiting to be removed")
    }

    /// The damage that an error speaks of; throws the error when it speaks of none.
    package init(_ error: any Error) throws {
        switch error {
        case RepositoryError.damaged(let object, let reason, let affects):
            self.init(.damage, object, reason + (affects.map { "; \($0)" } ?? ""))
        case RepositoryError.storage(let error), let error as StorageError:
            guard error.isDamage else { throw RepositoryError.storage(error) }
            self.init(.damage, error.name, error.reason)
        default: throw error
        }
    }
}

extension StorageError {
    /// Whether it says that the object cannot be read, and will not be read a little later either.
    var isDamage: Bool {
        switch kind {
        case .missing, .tooLarge, .truncated: true
        case .failed: !transient
        case .exists, .noSpace, .refused, .unsynced, .denied, .interrupted: false
        }
    }
}
