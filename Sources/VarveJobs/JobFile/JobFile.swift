import VarveSystem

/// The jobs of a file, in its order.
public struct JobFile: Sendable {
    /// Absolute.
    public var path: String
    public var jobs: [Job]

    /// The directory that paths of the file start at, and programs run in.
    public var directory: String { File.parent(of: path) }

    /// The job of a name.
    public subscript(name: String) -> Job? { jobs.first { $0.name == name } }
}

/// Why a file of jobs cannot be used.
public enum JobFileError: Error, Sendable, Equatable {
    /// All that is wrong in it, in the order of the file.
    case mistakes(path: String, [Mistake])
    /// Programs would run that somebody else has written down.
    case unsafe(path: String, reason: String)
    case unreadable(path: String, reason: String)
}

extension JobFileError: CustomStringConvertible {
    /// A line for each mistake.
    public var description: String {
        switch self {
        case .mistakes(let path, let mistakes):
            mistakes.map { "\(path):\($0.place.line):\($0.place.column): \($0.text)" }
                .joined(separator: "\n")
        case .unsafe(let path, let reason):
            "\(path) has programs run, and \(reason); nothing of it is run"
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        }
    }
}

extension JobFile {
    /// Reads the file at `path`. Throws `JobFileError`.
    public init(readingFrom path: String) throws(JobFileError) {
        let absolute: String
        let bytes: [UInt8]
        let status: FileStatus
        do throws(SystemError) {
            let directory = try File.realPath(File.parent(of: path))
            let name = path.split(separator: "/").last.map(String.init) ?? path
            absolute = (directory == "/" ? "" : directory) + "/" + name
            let file = try File.openToRead(absolute)
            status = try file.status()
            guard status.kind != .directory else { throw SystemError(.read, path, errno: 21) }
            bytes = try file.contents(limit: YAMLReading.bytesMax + 1)
        } catch {
            throw .unreadable(path: path, reason: error.reason)
        }
        let home = Environment.value("HOME").flatMap { $0.isEmpty ? nil : $0 }
        try self.init(
            bytes, at: absolute, called: path, home: home ?? Accounts.homeDirectory() ?? "/")
        if let reason = Self.danger(of: status), jobs.contains(where: \.runsPrograms) {
            throw .unsafe(path: path, reason: reason)
        }
    }

    /// Decodes a file; `home` is what `~` stands for, and `called` the name in sentences.
    init(
        _ bytes: [UInt8], at path: String, called name: String, home: String
    ) throws(JobFileError) {
        let mistakes = Mistakes()
        let decoder = JobDecoder(
            paths: JobPaths(directory: File.parent(of: path), home: home), file: name, mistakes)
        var jobs: [Job] = []
        do throws(Mistake) {
            if let root = try YAMLReading.node(of: bytes) {
                jobs = decoder.jobs(of: root)
            } else {
                throw Mistake(FilePlace(line: 1, column: 1), "the file is empty")
            }
        } catch {
            mistakes.add(error)
        }
        guard mistakes.found.isEmpty else {
            throw .mistakes(path: name, mistakes.found.sorted { $0.place < $1.place })
        }
        self.init(path: path, jobs: jobs)
    }

    /// Why what the file says may be the words of somebody else; nil when it may not.
    static func danger(of status: FileStatus) -> String? {
        if status.uid != 0, status.uid != Accounts.currentUser {
            return
                "it belongs to another user (\(Accounts.userName(status.uid) ?? "\(status.uid)"))"
        }
        return status.mode & 0o002 != 0 ? "everybody may write to it" : nil
    }
}

extension JobFile {
    /// Where the file is that nobody named: the first of these that is there; nil when none is.
    public static func found(configuration: String?) -> String? {
        places(configuration: configuration).first { (try? File.status(of: $0)) != nil }
    }

    /// `configuration` is this user's directory of settings.
    public static func places(configuration: String?) -> [String] {
        ["./varve.yaml"] + (configuration.map { ["\($0)/varve/varve.yaml"] } ?? [])
            + ["/etc/varve/varve.yaml"]
    }
}
