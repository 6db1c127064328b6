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
        private let gunzipped: GunzippedStream?
        private let input: StreamInput

        init(_ command: CommandSource, _ process: ChildProcess) throws {
            self.command = command
            self.process = process
            let output = try process.output.duplicate()
            if command.isGunzipped {
                let plain = try GunzippedStream(output)
                (gunzipped, input) = (plain, plain.input)
            } else {
                (gunzipped, input) = (nil, StreamInput(output))
            }
        }

        var jobs: Int { 1 }

        var root: VirtualNode {
            VirtualNode(
                Array(command.name.utf8), .file(VirtualFile { [input] _ in input.content }))
        }

        func finish() throws -> [String: String] {
            // What the program says comes first: it explains why its output ends too early.
            let end = try process.wait()
            guard end.isSuccess else {
                throw ArchiveError.streamFailed(
                    reason: "\(command.invocation.name) ended with \(end)")
            }
            guard let gunzipped else { return [:] }
            guard try gunzipped.finish() == 0 else {
                throw ArchiveError.streamFailed(reason: "something stands behind its gzip data")
            }
            return ["unpacked": "gzip"]
        }
    }
}
