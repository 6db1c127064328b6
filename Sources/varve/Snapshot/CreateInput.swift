import VarveArchive
import VarveFormat
import VarveSources
import VarveSystem

/// What a snapshot is taken of, from the words of a command line.
enum CreateInput {
    /// Paths, and sources that are none.
    case sources([[UInt8]], [any VirtualTree])
    case standardInput(name: String)
    case program(name: String, words: [String])

    /// `words` are sources, or the program of `--command` and its arguments; `lists` name more paths.
    init(
        words: [String], lists: ListOptions? = nil, stdin: String?, command: String?,
        _ options: SourceOptions = SourceOptions()
    ) throws {
        let lists = lists.flatMap { $0.isEmpty ? nil : $0 }
        guard lists == nil || stdin == nil && command == nil else {
            throw Failure.usage("--files-from and its kind exclude --stdin and --command")
        }
        switch (stdin, command) {
        case (nil, nil):
            guard !words.isEmpty || lists != nil else {
                throw Failure.usage(
                    "nothing to take a snapshot of; name a directory, or give --stdin NAME")
            }
            guard !words.contains("") else { throw Failure.usage("a source is empty") }
            var paths: [[UInt8]] = []
            var trees: [any VirtualTree] = []
            for word in words {
                switch try SourceWord(word, options) {
                case .path: paths.append(RawText.bytes(word))
                case .trees(let found): trees += found
                }
            }
            paths += try lists?.paths() ?? []
            guard !paths.isEmpty || !trees.isEmpty else {
                throw Failure.usage("nothing to take a snapshot of: the lists name nothing")
            }
            self = .sources(paths, trees)
        case (let name?, nil):
            guard words.isEmpty else { throw Failure.usage("--stdin takes no other sources") }
            self = .standardInput(name: try Self.checked(name, "--stdin"))
        case (nil, let name?):
            guard !words.isEmpty else {
                throw Failure.usage(
                    "--command needs a program: `--command \(shellWord(name)) -- PROGRAM ARGS...`")
            }
            self = .program(name: try Self.checked(name, "--command"), words: words)
        case (.some, .some): throw Failure.usage("--stdin and --command exclude each other")
        }
    }

    /// The name of a stream, which lies at the root of its snapshot.
    private static func checked(_ name: String, _ option: String) throws -> String {
        let name = name.hasPrefix("/") ? String(name.dropFirst()) : name
        guard Node.isValid(name: Array(name.utf8)) else {
            throw Failure.usage("\(option) is '\(name)'; it is a file name without slashes")
        }
        return name
    }

    /// The name of the stream; nil for others.
    var streamName: String? {
        switch self {
        case .sources: nil
        case .standardInput(let name), .program(let name, _): name
        }
    }

    /// Throws when there is nothing to read, so that a slip of the pen makes no repository.
    func check() throws {
        switch self {
        case .sources(let paths, let trees):
            if let last = paths.last, trees.isEmpty, paths.allSatisfy(Self.isMissing) {
                throw ArchiveError.missingSource(path: RawText.text(last))
            }
        case .standardInput: try Self.refuseTerminal()
        case .program: break
        }
    }

    private static func refuseTerminal() throws {
        if Terminal.isTerminal(0) {
            throw Failure.usage("standard input is a terminal; pipe something into this command")
        }
    }

    private static func isMissing(_ path: [UInt8]) -> Bool {
        do throws(SystemError) {
            _ = try File.status(of: path, follow: false)
            return false
        } catch {
            return error.isMissing
        }
    }

    /// Opens it; a program runs from here on.
    func open() throws -> [SnapshotSource] {
        switch self {
        case .sources(let paths, let trees):
            return (paths.isEmpty ? [] : [.tree(paths)]) + trees.map(SnapshotSource.virtual)
        case .standardInput(let name):
            try Self.refuseTerminal()
            let input = StreamInput(File(descriptor: 0, path: "standard input"))
            return [.stream(name: name, kind: .stdin, input) {}]
        case .program(let name, let words):
            let process = try ChildProcess(words[0], Array(words.dropFirst()))
            let input = StreamInput(try process.output.duplicate())
            let stream = SnapshotSource.stream(name: name, kind: .command, input) {
                let end = try process.wait()
                guard end.isSuccess else {
                    throw ArchiveError.streamFailed(reason: "\(words[0]) ended with \(end)")
                }
            }
            return [stream]
        }
    }
}
