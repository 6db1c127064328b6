import VarveSystem

/// A directory of its own for one test, removed afterwards with all that is in it.
func withTemporaryDirectory(_ body: (_ path: String, _ directory: borrowing File) throws -> Void)
    throws
{
    let path = (Environment.value("TMPDIR") ?? "/tmp") + "/varve-system-" + randomName()
    try File.makeDirectory(path)
    defer {
        if let directory = try? File.openDirectory(path) { empty(directory) }
        try? File.removeDirectory(path)
    }
    let directory = try File.openDirectory(path)
    try body(path, directory)
}

private func empty(_ directory: borrowing File) {
    for entry in (try? directory.entries()) ?? [] {
        if entry.kind == .directory {
            if let child = try? directory.openDirectory(entry.name) { empty(child) }
            try? directory.removeDirectory(entry.name)
        } else {
            try? directory.remove(entry.name)
        }
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
