import Glibc
import VarveFormat
import VarveSystem

/// The directories from a root down to one, opened inside each other, of which only the lowest few are
/// kept open, so that no depth exhausts the process's descriptors.
struct DirectoryPath: ~Copyable {
    private struct Level {
        var identity: EntryIdentity
        /// Nil while it is far above; see `leave`.
        var directory: SharedFile?
    }

    private var levels: [Level]
    private let openMax: Int

    init(_ root: SharedFile, openMax: Int = 128) throws(SystemError) {
        precondition(openMax > 1, "a directory is opened again through the one below it")
        levels = [Level(identity: EntryIdentity(try root.file.status()), directory: root)]
        self.openMax = openMax
    }

    /// Directories below the root.
    var depth: Int { levels.count - 1 }

    /// The lowest directory.
    var current: SharedFile {
        guard let directory = levels[levels.count - 1].directory else {
            preconditionFailure("the lowest directory is open")
        }
        return directory
    }

    /// What the lowest directory was opened in; nil for the root.
    var identityAbove: EntryIdentity? { levels.dropLast().last?.identity }

    /// The uppermost of the open directories that does not lie any more in what it was opened in.
    func firstMoved() -> Int? {
        levels.indices.dropFirst().first { index in
            (try? levels[index].directory?.file.checkPlace(in: levels[index - 1].identity))
                == nil && levels[index].directory != nil
        }
    }

    /// Goes into the entry `name` of the lowest directory; ENOTDIR or ELOOP unless it is a directory.
    @discardableResult
    mutating func enter(_ name: [UInt8]) throws(SystemError) -> FileStatus {
        let directory = SharedFile(try current.file.openDirectory(name))
        let status = try directory.file.status()
        levels.append(Level(identity: EntryIdentity(status), directory: directory))
        if levels.count > openMax { levels[levels.count - openMax - 1].directory = nil }
        return status
    }

    /// Goes up by one; ESTALE when the lowest directory was moved elsewhere, after which nothing
    /// can be reached.
    mutating func leave() throws(SystemError) {
        precondition(levels.count > 1, "the root has nothing above it")
        let above = levels.count - 2
        if levels[above].directory == nil {
            let opened = try current.file.openParentDirectory()
            guard EntryIdentity(try opened.status()) == levels[above].identity else {
                throw SystemError(.openDirectory, current.file.path + "/..", errno: ESTALE)
            }
            levels[above].directory = SharedFile(opened)
        }
        levels.removeLast()
    }
}

extension File {
    /// ESTALE when this directory was moved out of another one.
    func checkPlace(in above: EntryIdentity?) throws(SystemError) {
        // Who may not look up does not know.
        guard let above, let found = try? parentStatus(), EntryIdentity(found) != above else {
            return
        }
        throw SystemError(.openDirectory, path, errno: ESTALE)
    }
}
