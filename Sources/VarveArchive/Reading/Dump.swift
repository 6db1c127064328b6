import Synchronization
public import VarveFormat
public import VarveRepository
public import VarveSystem

/// Writes the file at `path` in a snapshot to `output`, in order, and returns how many bytes.
///
/// Each chunk is hashed again before a byte of it is written.
public func dump(
    _ path: [[UInt8]], of entry: RepositoryState.SnapshotEntry, _ repository: Repository,
    to output: borrowing File, progress: Progress
) throws -> Int {
    var tree = try SnapshotTree(repository, entry)
    let name = path.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    guard let node = try tree.find(path), node.kind == .file, let content = node.content else {
        throw RepositoryError.notFound("/\(name) is not a file; a file can be dumped")
    }
    guard node.holes.isEmpty else {
        throw RepositoryError.notFound("/\(name) has holes; restore it instead")
    }
    progress.expect(files: 1, bytes: content.size)
    progress.show(name)
    try StreamOut(repository).write(content, to: output, progress: progress)
    return content.size
}

/// Reads a stream in windows: while one is written, the next is read by all threads.
struct StreamOut {
    private let repository: Repository

    init(_ repository: Repository) { self.repository = repository }

    /// Some chunks of the stream, one after the other.
    private struct Window: Sendable {
        var requests: [ChunkRequest] = []
        var byteCount = 0
    }

    func write(
        _ content: Content, to output: borrowing File, progress: Progress
    ) throws {
        let filled = BoundedQueue<(WindowBuffer, Int)>(capacity: 1)
        let empty = BoundedQueue<WindowBuffer>(capacity: 2)
        for _ in 0..<2 { empty.put(WindowBuffer()) }
        let repository = repository
        let threads = try WorkerThreads.start(count: 1, name: "readahead") { _ in
            do {
                var windows = try Windows(content, repository)
                while let window = try windows.next(), let buffer = empty.take() {
                    try buffer.fill(window.requests, window.byteCount, repository)
                    guard filled.put((buffer, window.byteCount)) else { return }
                }
                filled.close()
            } catch {
                filled.close()
                throw error
            }
        }
        var failure: (any Error)?
        while failure == nil, let (buffer, count) = filled.take() {
            do {
                if Interrupts.isRequested { throw ArchiveError.interrupted }
                try output.write(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
                progress.add(bytes: count)
                empty.put(buffer)
            } catch {
                failure = error
            }
        }
        empty.fail()
        filled.fail()
        let joined = Result { try threads.join() }
        if let failure { throw failure }
        try joined.get()
    }

    /// Splits a content into windows.
    private struct Windows: ~Copyable {
        private var cursor: ContentCursor
        private var reader: ChunkReader
        private var held: Content.Entry?

        init(_ content: Content, _ repository: Repository) throws {
            cursor = ContentCursor(content)
            reader = try ChunkReader(repository)
        }

        mutating func next() throws -> Window? {
            var window = Window()
            while let entry = try held ?? cursor.next(&reader) {
                held = nil
                guard window.byteCount + entry.bytes <= ReadLimits.streamWindowBytes else {
                    held = entry
                    break
                }
                window.requests.append(
                    ChunkRequest(id: entry.id, bytes: entry.bytes, tag: window.byteCount))
                window.byteCount += entry.bytes
            }
            return window.requests.isEmpty ? nil : window
        }
    }
}

/// Room for one window of a stream; threads fill different parts of it.
private final class WindowBuffer: @unchecked Sendable {
    // Unchecked: each thread writes the place of its own chunk, and nobody reads until all are done.
    let bytes = UnsafeMutableRawBufferPointer.allocate(
        byteCount: ReadLimits.streamWindowBytes, alignment: 4096)

    deinit { bytes.deallocate() }

    func fill(_ requests: [ChunkRequest], _ count: Int, _ repository: Repository) throws {
        try ReadPlan(repository, requests).run { tag, chunk in
            UnsafeMutableRawBufferPointer(rebasing: self.bytes[tag...]).copyMemory(from: chunk)
        } damaged: { _, error in
            throw error
        }
    }
}
