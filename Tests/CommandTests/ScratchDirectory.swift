import VarveSystem

/// A directory of its own for one test, removed with all that is in it.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        path = (Environment.value("TMPDIR") ?? "/tmp") + "/varve-command-" + randomName()
        try File.makeDirectory(path)
    }

    deinit {
        if let directory = try? File.openDirectory(path) { Self.empty(directory) }
        try? File.removeDirectory(path)
    }

    private static func empty(_ directory: borrowing File) {
        for entry in (try? directory.entries()) ?? [] {
            if entry.kind == .directory {
                if let child = try? directory.openDirectory(entry.name) { empty(child) }
                try? directory.removeDirectory(entry.name)
            } else {
                try? directory.remove(entry.name)
            }
        }
    }
}
