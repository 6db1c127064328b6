import Synchronization
import VarveFormat
import VarveRepository
import VarveSystem

/// Files whose chunks are compared with what is there, and then read together in the order of packs
/// and frames.
struct RestoreWindow {
    /// A chunk, and where in which file it goes.
    private struct Piece: Sendable {
        var file: Int
        var entry: Content.Entry
        var offset: Int
    }

    private(set) var files: [RestoredFile] = []
    private var pieces: [Piece] = []
    /// Where the pieces of each file begin.
    private var starts: [Int] = []
    private let limits: RestoreLimits.Window

    init(_ limits: RestoreLimits.Window) { self.limits = limits }

    var isEmpty: Bool { files.isEmpty }
    var isFull: Bool { pieces.count >= limits.chunks || files.count >= limits.files }

    mutating func add(_ file: RestoredFile) {
        files.append(file)
        starts.append(pieces.count)
    }

    /// Asks for a chunk of the file that was added last.
    mutating func add(_ entry: Content.Entry, at offset: Int) {
        pieces.append(Piece(file: files.count - 1, entry: entry, offset: offset))
    }

    /// Compares, reads and writes; an error leaves no new file half written.
    func write(
        _ repository: Repository, _ context: RestoreContext, _ progress: Progress
    ) throws {
        do {
            let wanted = try compare(context, progress)
            try fetch(wanted, repository, context, progress)
        } catch {
            for file in files { file.giveUp() }
            throw error
        }
    }

    private func pieces(of file: Int) -> Range<Int> {
        starts[file]..<(file + 1 < starts.count ? starts[file + 1] : pieces.count)
    }

    /// Some pieces of one file, for one thread.
    private struct Comparison: Sendable {
        var file: Int
        var range: Range<Int>
    }

    /// The pieces that have to be fetched.
    private func compare(_ context: RestoreContext, _ progress: Progress) throws -> [Int] {
        let flags = WantedPieces(count: pieces.count)
        let comparisons = comparisons()
        if !comparisons.isEmpty {
            let next = Atomic(0)
            let failed = Atomic(false)
            try WorkerThreads.run(
                count: min(ReadLimits.threads, comparisons.count), name: "compare"
            ) { _ in
                let buffer = ComparisonBuffer()
                do {
                    while !failed.load(ordering: .relaxed) {
                        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                        guard index < comparisons.count else { return }
                        if Interrupts.isRequested { throw ArchiveError.interrupted }
                        try compare(comparisons[index], buffer, flags, context, progress)
                    }
                } catch {
                    failed.store(true, ordering: .relaxed)
                    throw error
                }
            }
        }
        return wanted(flags, progress)
    }

    private func comparisons() -> [Comparison] {
        var comparisons: [Comparison] = []
        for (index, file) in files.enumerated() {
            let isNew = file.directory.traits.isNew && !file.context.dryRun
            switch file.plan {
            case .unknown where !isNew, .equal, .inPlace: break
            default: continue
            }
            let range = pieces(of: index)
            file.expectComparisons(max(1, range.count))
            var start = range.lowerBound
            repeat {
                let end = min(start + RestoreLimits.chunksCompared, range.upperBound)
                comparisons.append(Comparison(file: index, range: start..<end))
                start = end
            } while start < range.upperBound
        }
        return comparisons
    }

    private func compare(
        _ comparison: Comparison, _ buffer: ComparisonBuffer, _ flags: WantedPieces,
        _ context: RestoreContext, _ progress: Progress
    ) throws {
        let file = files[comparison.file]
        do throws(SystemError) {
            try file.look()
            if file.plan == .equal || file.plan == .inPlace {
                for index in comparison.range {
                    let piece = pieces[index]
                    let lacks = file.lacks(piece.entry, at: piece.offset, through: buffer)
                    if lacks { flags.want(index) } else { progress.add(bytes: piece.entry.bytes) }
                }
            }
            // An empty file is one comparison, too.
            try file.compared(max(1, comparison.range.count))
        } catch {
            try Self.fail(file, error, context)
        }
        if let action = file.action { report(file, action, context) }
    }

    private func wanted(_ flags: WantedPieces, _ progress: Progress) -> [Int] {
        var wanted: [Int] = []
        for (index, file) in files.enumerated() {
            let range = pieces(of: index)
            let before = wanted.count
            switch file.plan {
            case .unknown, .fresh: wanted.append(contentsOf: range)
            case .inPlace: wanted.append(contentsOf: range.filter { flags.wants($0) })
            case .equal, .done, .again, .broken: continue
            }
            file.startWriting(chunks: wanted.count - before)
        }
        return wanted
    }

    private func fetch(
        _ wanted: [Int], _ repository: Repository, _ context: RestoreContext, _ progress: Progress
    ) throws {
        let open = OpenRestoredFiles()
        let requests = wanted.map { index in
            ChunkRequest(id: pieces[index].entry.id, bytes: pieces[index].entry.bytes, tag: index)
        }
        let written = Atomic(0)
        if !requests.isEmpty {
            try ReadPlan(repository, requests).run { tag, bytes in
                let piece = pieces[tag]
                let file = files[piece.file]
                if Interrupts.isRequested { throw ArchiveError.interrupted }
                do throws(SystemError) {
                    try file.write(bytes, at: piece.offset, open)
                    written.wrappingAdd(bytes.count, ordering: .relaxed)
                    progress.add(bytes: bytes.count)
                } catch {
                    try Self.fail(file, error, context)
                }
            } damaged: { tag, error in
                let file = files[pieces[tag].file]
                if file.giveUpOnce() { context.notes.damaged(file.path.bytes, error) }
            }
        }
        context.notes.count { $0.bytesWritten &+= written.load(ordering: .relaxed) }
        open.closeAll()
        for file in files {
            do throws(SystemError) {
                try file.completeIfWhole()
            } catch {
                try Self.fail(file, error, context)
            }
            if let action = file.action { report(file, action, context) }
        }
    }

    private func report(
        _ file: RestoredFile, _ action: RestoreAction, _ context: RestoreContext
    ) {
        if file.reportOnce() { context.notes.did(action, file: file) }
    }

    private static func fail(
        _ file: RestoredFile, _ error: SystemError, _ context: RestoreContext
    ) throws {
        // No other file could be written either.
        if error.isNoSpace {
            throw ArchiveError.target(path: file.path.text, reason: error.reason)
        }
        if file.giveUpOnce() { context.notes.fail(file.path, error) }
    }
}

/// Which pieces of a window have to be fetched; each is marked by the one thread that compares it.
private final class WantedPieces: @unchecked Sendable {
    // Unchecked: see above; they are read when all threads have ended.
    private let flags: UnsafeMutableBufferPointer<Bool>

    init(count: Int) {
        flags = .allocate(capacity: count)
        flags.initialize(repeating: false)
    }

    deinit { flags.deallocate() }

    func want(_ index: Int) { flags[index] = true }

    func wants(_ index: Int) -> Bool { flags[index] }
}
