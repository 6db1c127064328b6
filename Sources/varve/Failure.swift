import ArgumentParser
import Glibc
import VarveArchive
import VarveJobs
import VarveMount
import VarveRepository
import VarveSources
import VarveStorage
import VarveSystem

/// How a command ends when it did not do all that was asked: one exit status and one sentence.
struct Failure: Error, Equatable {
    var status: Int32
    /// What happened, to what, and what to do next; empty when all was said already.
    var message: String

    static let failedStatus: Int32 = 1
    static let incompleteStatus: Int32 = 3
    static let absentStatus: Int32 = 10
    static let refusedStatus: Int32 = 11
    static let wrongKeyStatus: Int32 = 12
    static let damagedStatus: Int32 = 20
    static let usageStatus: Int32 = 64
    static let interruptedStatus: Int32 = 130

    /// What each exit status means.
    static let meanings: [(status: Int32, meaning: String)] = [
        (0, "done"), (failedStatus, "failed"),
        (
            incompleteStatus,
            "snapshot taken, but something could not be read; compared or imported, but for some files; synced, but for damaged snapshots"
        ),
        (absentStatus, "no repository there"),
        (
            refusedStatus,
            "the repository refused: another writer won too often, or the storage cannot do what is "
                + "needed; or the job runs already"
        ),
        (wrongKeyStatus, "wrong passphrase or key"), (damagedStatus, "damage found"),
        (usageStatus, "wrong usage, also of a variable"), (interruptedStatus, "interrupted"),
    ]

    init(_ status: Int32, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The arguments or the environment make no sense.
    static func usage(_ message: String) -> Failure { Failure(usageStatus, message) }

    /// A failure that was reported line by line already.
    static func reported(_ status: Int32) -> Failure { Failure(status, "") }

    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as RepositoryError: self.init(error)
        case let error as ArchiveError: self.init(error)
        case let error as StorageError: self.init(RepositoryError.storage(error))
        case let error as SourceWordError: self.init(Self.usageStatus, error.description)
        case let error as SourceError: self.init(Self.failedStatus, error.description)
        case let error as MountError: self.init(Self.failedStatus, Shown.text(error.description))
        case let error as JobFileError: self.init(Self.usageStatus, error.description)
        case let error as PatternError: self.init(Self.usageStatus, error.description)
        case let error as ValidationError: self.init(Self.usageStatus, error.message)
        case let error as SystemError where error.errno == EPIPE:
            // Whoever read the output has seen enough.
            self.init(Self.failedStatus, "")
        default: self.init(Self.failedStatus, "\(error)")
        }
    }

    private init(_ error: RepositoryError) {
        let text = error.description
        switch error {
        case .absent(let location):
            self.init(
                Self.absentStatus, "\(text); make one with `varve init -r \(shellWord(location))`")
        case .exists:
            self.init(Self.failedStatus, "\(text); nothing was changed")
        case .wrongKey, .keysReplaced: self.init(Self.wrongKeyStatus, text)
        case .refused, .overtaken: self.init(Self.refusedStatus, text)
        case .rolledBack:
            self.init(
                Self.damagedStatus,
                text + "; if you put it back on purpose, remove this repository's file in the "
                    + "state directory (\(Places.stateForPeople))")
        case .damaged: self.init(Self.damagedStatus, text)
        case .interrupted: self.init(Self.interruptedStatus, text)
        case .lastSlot, .notFound: self.init(Self.failedStatus, text)
        case .storage(let error): self.init(error)
        }
    }

    private init(_ error: StorageError) {
        let text = error.description
        switch error.kind {
        case .noSpace:
            self.init(
                Self.failedStatus,
                "\(text); the repository is unharmed, make room and run the command again")
        case .refused: self.init(Self.refusedStatus, text)
        case .interrupted: self.init(Self.interruptedStatus, "interrupted")
        default: self.init(Self.failedStatus, text)
        }
    }

    private init(_ error: ArchiveError) {
        let text = Shown.text(error.description)
        switch error {
        case .interrupted: self.init(Self.interruptedStatus, "interrupted")
        case .noSources, .placeTaken: self.init(Self.usageStatus, text)
        case .streamFailed, .failedSource:
            self.init(Self.failedStatus, "\(text); no snapshot was taken")
        case .everySourceExcluded, .missingSource, .unreadableSource, .target:
            self.init(Self.failedStatus, text)
        }
    }
}
