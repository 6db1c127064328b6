import Synchronization
import VarveArchive
import VarveFormat
import VarveSystem

/// The programs that sources have started.
public final class RunningCommands: Sendable {
    private static let graceNanoseconds: Int64 = 5_000_000_000

    private let processes = Mutex<[ChildProcess]>([])

    public init() {}

    func add(_ process: ChildProcess) { processes.withLock { $0.append(process) } }

    /// Ends those that still run: nobody reads what they write any more.
    public func end() {
        for process in processes.withLock({ $0 }) {
            process.end(graceNanoseconds: Self.graceNanoseconds)
        }
    }
}

/// What a program writes, as a file at the root of the snapshot. It is started when it is its turn.
struct CommandTree: VirtualTree {
    let command: CommandSource
    /// Where it runs.
    let directory: String
    let running: RunningCommands

    var source: SnapshotManifest.Source {
        SnapshotManifest.Source(kind: .command, name: Array(command.name.utf8))
    }

    var place: [[UInt8]] { [Array(command.name.utf8)] }
    var isDirectory: Bool { false }

    func open() throws -> any VirtualTreeReading {
        let words = command.invocation.words
        let process = try ChildProcess(
            words[0], Array(words.dropFirst()), leadsGroup: true, directory: directory)
        running.add(process)
        return try Reading(command, process)
    }

    private final class Reading: VirtualTreeReading {
        private let command: CommandSource
        private let process: ChildProcess
        private let stream: UnpackedStream

        init(_ command: CommandSource, _ process: ChildProcess) throws {
            self.command = command
            self.process = process
            stream = try UnpackedStream(
                try process.output.duplicate(), gunzip: command.isGunzipped)
        }

        var jobs: Int { 1 }

        var root: VirtualNode {
            VirtualNode(
                Array(command.name.utf8), .file(VirtualFile { [stream] _ in stream.input.content }))
        }

        func finish() throws -> [String: String] {
            // What the program says comes first: it explains why its output ends too early.
            let end = try process.wait()
            guard end.isSuccess else {
                throw ArchiveError.streamFailed(
                    reason: "\(command.invocation.name) ended with \(end)")
            }
            try stream.confirm()
            return stream.anchors
        }
    }
}
