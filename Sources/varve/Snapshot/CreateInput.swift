import VarveArchive
import VarveFormat
import VarveSources
import VarveSystem

/// What a snapshot is taken of, from the words of a command line.
enum CreateInput {
    /// Paths, and sources that are none.
    case sources([[UInt8]], [any VirtualTree])
    case standardInput(NamedStream)
    case program(NamedStream, words: [String])

    /// `words` are sources, or the program of `--command` and its arguments; `lists` name more paths.
    init(
        words: [String], lists: ListOptions? = nil, stdin: String?, command: String?,
        gunzip: Bool = false, _ options: SourceOptions = SourceOptions()
    ) throws {
        let lists = lists.flatMap { $0.isEmpty ? nil : $0 }
        guard lists == nil || stdin == nil && command == nil else {
            throw Failure.usage("--files-from and its kind exclude --stdin and --command")
        }
        switch (stdin, command) {
        case (nil, nil):
            guard !gunzip else {
                throw Failure.usage("--gunzip is for the streams of --stdin and --command")
            }
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
            self = .standardInput(try NamedStream(name, of: "--stdin", gunzip: gunzip))
        case (nil, let name?):
            guard !words.isEmpty else {
                throw Failure.usage(
                    "--command needs a program: `--command \(shellWord(name)) -- PROGRAM ARGS...`")
            }
            self = .program(
                try NamedStream(name, of: "--command", gunzip: gunzip), words: words)
        case (.some, .some): throw Failure.usage("--stdin and --command exclude each other")
        }
    }

    /// The name of the stream; nil for others.
    var streamName: String? {
        switch self {
        case .sources: nil
        case .standardInput(let stream), .program(let stream, _): stream.name
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

    /// What was opened, and the program that then runs.
    struct Opened {
        /// For so long a program that nobody listens to any more may take its leave.
        private static let graceNanoseconds: Int64 = 1_000_000_000

        var sources: [SnapshotSource]
        var program: ChildProcess?

        /// A program that still runs is ended.
        func end() { program?.end(graceNanoseconds: Self.graceNanoseconds) }
    }

    /// Opens it; a program runs from here on, until `end`.
    func open() throws -> Opened {
        switch self {
        case .sources(let paths, let trees):
            let paths: [SnapshotSource] = paths.isEmpty ? [] : [.tree(paths)]
            return Opened(sources: paths + trees.map(SnapshotSource.virtual))
        case .standardInput(let stream):
            try Self.refuseTerminal()
            let file = File(descriptor: 0, path: "standard input")
            return Opened(sources: [try stream.source(.stdin, file) {}])
        case .program(let stream, let words):
            let process = try ChildProcess(words[0], Array(words.dropFirst()))
            let output = try process.output.duplicate()
            let source = try stream.source(.command, output) {
                let end = try process.wait()
                guard end.isSuccess else {
                    throw ArchiveError.streamFailed(reason: "\(words[0]) ended with \(end)")
                }
            }
            return Opened(sources: [source], program: process)
        }
    }
}
