import Glibc
import Synchronization
import VarveSystem

/// Keeps the journal of a directory while something runs.
///
/// It looks after each call at what lies in the directory that the call was about, so it needs to
/// know nothing of how the program got there.
final class JournalRecorder: Sendable {
    fileprivate struct State {
        var journal = Journal()
        /// The names as they are now, and the file behind each inode.
        var names: [String: Journal.Entry] = [:]
        var files: [UInt64: Int] = [:]
        var contents: [[UInt8]] = []
        /// At which event a sync began, by thread.
        var begun: [pthread_t: Int] = [:]
    }

    private let root: String
    private let state = Mutex(State())
    /// Who holds it looks at the disk, and notes that before anybody else looks.
    private let looking = Mutex(())

    /// Begins with what lies at `root` now.
    init(root: String) throws {
        self.root = root
        try look(at: root)
        state.withLock { state in
            state.journal = Journal(names: state.names, contents: state.contents)
        }
    }

    private func look(at directory: String) throws {
        try noteNames(in: directory)
        for entry in try File.openDirectory(directory).entries() where entry.kind == .directory {
            try look(at: directory + "/" + String(decoding: entry.name, as: UTF8.self))
        }
    }

    var journal: Journal { state.withLock { $0.journal } }

    func run<Answer>(_ body: () throws -> Answer) rethrows -> Answer {
        try FileFaults.with(
            under: root,
            FileWatch(
                fault: { call, _ in
                    if call == .sync || call == .syncFileSystem { self.noteBeginning() }
                    return nil
                },
                success: { call, path in self.note(call, path.replacing("/./", with: "/")) }),
            body)
    }

    private func noteBeginning() {
        state.withLock { $0.begun[pthread_self()] = $0.journal.events.count }
    }

    private static let noted: Set<SystemCall> = [
        .create, .link, .rename, .remove, .makeDirectory, .removeDirectory, .write, .truncate,
        .sync, .syncFileSystem,
    ]

    private func note(_ call: SystemCall, _ path: String) {
        // Also, looking makes calls itself.
        guard Self.noted.contains(call) else { return }
        looking.withLock { _ in look(after: call, path) }
    }

    private func look(after call: SystemCall, _ path: String) {
        // What is gone again was somebody's who notes that it is.
        switch call {
        case .create:
            try? noteNames(in: File.parent(of: path))
            try? noteContent(of: path)
        case .link, .rename, .remove, .makeDirectory, .removeDirectory:
            try? noteNames(in: File.parent(of: path))
        case .write, .truncate: try? noteContent(of: path)
        case .sync: try? noteSync(of: path)
        case .syncFileSystem: noteEvent { .syncedAll(since: $0) }
        default: break
        }
    }

    /// The event is made of the event at which the sync of this thread began.
    private func noteEvent(_ event: (_ since: Int) -> Journal.Event) {
        state.withLock { state in
            let since = state.begun[pthread_self()] ?? 0
            state.journal.events.append(event(since))
        }
    }

    private func noteSync(of path: String) throws {
        let status = try File.status(of: path)
        if status.kind == .directory {
            noteEvent { .syncedNames(directory: inner(path), since: $0) }
        } else if let file = state.withLock({ $0.files[status.inode] }) {
            noteEvent { .synced(file: file, since: $0) }
        }
    }

    /// The path below the root.
    private func inner(_ path: String) -> String {
        path == root ? "" : String(path.dropFirst(root.count + 1))
    }

    private func noteContent(of path: String) throws {
        let inode = try File.status(of: path).inode
        let bytes = try File.contents(of: path, limit: 64 << 20)
        state.withLock { state in
            guard let file = state.files[inode], state.contents[file] != bytes else { return }
            state.contents[file] = bytes
            state.journal.events.append(.wrote(file: file, bytes))
        }
    }

    /// Compares the names in a directory with those that were there last.
    private func noteNames(in directory: String) throws {
        let entries = try File.openDirectory(directory).entries()
        let prefix = directory == root ? "" : inner(directory) + "/"
        var unread: [String] = []
        state.withLock { state in
            var names: [String: Journal.Entry] = [:]
            for entry in entries {
                let path = prefix + String(decoding: entry.name, as: UTF8.self)
                let isNew = entry.kind != .directory && state.files[entry.inode] == nil
                if isNew { unread.append(root + "/" + path) }
                names[path] =
                    entry.kind == .directory ? .directory : .file(state.file(entry.inode))
            }
            state.replaceNames(below: prefix, with: names, in: inner(directory))
        }
        // A file that had no name so far came with its content.
        for path in unread { try noteContent(of: path) }
    }
}

extension JournalRecorder.State {
    fileprivate mutating func file(_ inode: UInt64) -> Int {
        if let file = files[inode] { return file }
        files[inode] = contents.count
        contents.append([])
        return contents.count - 1
    }

    fileprivate mutating func replaceNames(
        below prefix: String, with names: [String: Journal.Entry], in directory: String
    ) {
        let old = self.names.filter { path, _ in
            path.hasPrefix(prefix) && !path.dropFirst(prefix.count).contains("/")
        }
        var changes: [String: Journal.Entry?] = [:]
        for (path, entry) in names where old[path] != entry { changes[path] = .some(entry) }
        for path in old.keys where names[path] == nil { changes[path] = .some(nil) }
        if changes.isEmpty { return }
        for (path, entry) in changes { self.names[path] = entry }
        journal.events.append(.named(directory: directory, changes))
        // An inode without a name is another file's next.
        let named = Set(self.names.values)
        files = files.filter { named.contains(.file($0.value)) }
    }
}
