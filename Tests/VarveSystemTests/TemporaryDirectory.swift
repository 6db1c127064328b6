import TestSupport
import VarveSystem

/// A directory of its own for one test, removed afterwards with all that is in it.
func withTemporaryDirectory(_ body: (_ path: String, _ directory: borrowing File) throws -> Void)
    throws
{
    let scratch = try ScratchDirectory()
    try withExtendedLifetime(scratch) {
        try body(scratch.path, try File.openDirectory(scratch.path))
    }
}

/// The error number that `body` fails with; nil when it does not fail in a system call.
func errorNumber(_ body: () throws -> Void) -> Int32? {
    do {
        try body()
        return nil
    } catch {
        return (error as? SystemError)?.errno
    }
}
