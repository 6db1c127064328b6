import ArgumentParser
import Glibc
import Testing
import VarveArchive
import VarveRepository
import VarveStorage
import VarveSystem

@testable import varve

@Suite("How commands end")
struct FailureTests {
    @Test("each kind of error has its exit status")
    func statuses() {
        let cases: [(any Error, Int32)] = [
            (RepositoryError.absent(location: "/x"), 10),
            (RepositoryError.exists(location: "/x"), 1),
            (RepositoryError.refused(reason: "no"), 11),
            (RepositoryError.wrongKey(location: "/x"), 12),
            (RepositoryError.damaged("packs/1", "it is short"), 20),
            (RepositoryError.rolledBack(location: "/x", seen: 3, found: 2), 20),
            (RepositoryError.lastSlot, 1), (RepositoryError.notFound("no"), 1),
            (RepositoryError.storage(StorageError(.noSpace, "a", "full")), 1),
            (StorageError(.refused, "a", "denied"), 11), (ArchiveError.interrupted, 130),
            (ArchiveError.noSources, 64), (ArchiveError.streamFailed(reason: "x failed"), 1),
            (Failure.usage("no"), 64), (ValidationError("no"), 64),
            (SystemError(.write, "standard output", errno: EIO), 1),
        ]
        for (error, status) in cases { #expect(Failure(error).status == status, "\(error)") }
    }

    @Test("a missing repository comes with the command that makes it")
    func nextStep() {
        let message = Failure(RepositoryError.absent(location: "/my backup")).message
        #expect(message.contains("`varve init -r '/my backup'`"))
    }

    @Test("a reader that went away is not worth a word")
    func brokenPipe() {
        let failure = Failure(SystemError(.write, "standard output", errno: EPIPE))
        #expect(failure == Failure(1, ""))
    }

    @Test("a word for a shell is quoted where it must be")
    func quoting() {
        #expect(shellWord("/srv/a-b_c.d") == "/srv/a-b_c.d")
        #expect(shellWord("a b") == "'a b'")
        #expect(shellWord("it's") == #"'it'\''s'"#)
        #expect(shellWord("") == "''")
    }
}
