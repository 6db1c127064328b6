import Synchronization
import VarveFormat
import VarveRepository
import VarveSystem

/// Files whose chunks are read together, in the order of packs and frames.
struct RestoreWindow {
    private struct Destination: Sendable {
        var file: RestoredFile
        var offset: Int
    }

    private var files: [RestoredFile] = []
    private var requests: [ChunkRequest] = []
    private var destinations: [Destination] = []

    var isEmpty: Bool { files.isEmpty }
    var isFull: Bool {
        requests.count >= RestoreLimits.chunksGathered
            || files.count >= RestoreLimits.filesGathered
    }

    mutating func add(_ file: RestoredFile) { files.append(file) }

    /// Asks for a chunk of the file that was added last.
    mutating func add(_ entry: Content.Entry, at offset: Int, of file: RestoredFile) {
        file.expect()
        requests.append(
            ChunkRequest(id: entry.id, bytes: entry.bytes, tag: destinations.count))
        destinations.append(Destination(file: file, offset: offset))
    }

    /// What became of a window.
    struct Outcome {
        var files = 0
        var bytes = 0
        var damaged: [(path: [UInt8], error: RepositoryError)] = []
        var failed: [(path: [UInt8], error: SystemError)] = []
    }

    /// Reads all chunks and writes them to their places; an error leaves no file half written.
    func write(
        _ repository: Repository, _ progress: Progress, _ observer: ArchiveObserver
    ) throws -> Outcome {
        do {
            return try writeAll(repository, progress, observer)
        } catch {
            for file in files { file.giveUp() }
            throw error
        }
    }

    private func writeAll(
        _ repository: Repository, _ progress: Progress, _ observer: ArchiveObserver
    ) throws -> Outcome {
        let problems = Mutex(Outcome())
        let open = OpenRestoredFiles()
        let destinations = destinations
        @Sendable func fail(_ file: RestoredFile, _ error: SystemError) throws {
            // No other file could be written either.
            if error.isNoSpace {
                throw ArchiveError.target(
                    path: String(decoding: file.path, as: UTF8.self), reason: error.reason)
            }
            guard !file.isBroken else { return }
            file.giveUp()
            problems.withLock { $0.failed.append((file.path, error)) }
        }
        try ReadPlan(repository, requests).run { tag, bytes in
            let place = destinations[tag]
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            do throws(SystemError) {
                try place.file.write(bytes, at: place.offset, open)
                progress.add(bytes: bytes.count)
            } catch {
                try fail(place.file, error)
            }
        } damaged: { tag, error in
            let file = destinations[tag].file
            guard !file.isBroken else { return }
            file.giveUp()
            problems.withLock { $0.damaged.append((file.path, error)) }
        }
        open.closeAll()
        var outcome = problems.withLock { $0 }
        for file in files {
            do throws(SystemError) {
                try file.completeIfWhole()
            } catch {
                try fail(file, error)
            }
            guard file.isDone else { continue }
            outcome.files += 1
            outcome.bytes += file.node.size
            progress.add(files: 1)
            observer(
                .file(
                    path: String(decoding: file.path, as: UTF8.self), change: .new,
                    bytes: file.node.size))
        }
        outcome.failed = problems.withLock { $0.failed }
        return outcome
    }
}
