import Glibc
import VarveCodec
import VarveFormat
import VarveRepository
import VarveSystem

/// One thread that hashes chunks, stores the new ones, and reads small files.
struct Worker: ~Copyable {
    private let gear: Gear
    private let parameters: ChunkerParameters
    private let completion: Completion
    /// What is as the parent has it, and has to be stored all the same.
    private let lost: Set<ChunkID>
    private let databases: PinnedOpening?
    private var writer: ChunkWriter
    private var scan: ChunkScan
    private var samples = SampleBuffer()
    private var room: ByteBuffer
    private var cuts: [Int64] = []

    init(
        _ session: WriteSession, _ completion: Completion, _ databases: PinnedOpening?
    ) throws {
        let writer = try ChunkWriter(session)
        let parameters = try session.repository.chunker
        self.writer = writer
        self.parameters = parameters
        self.completion = completion
        lost = session.lost
        self.databases = databases
        gear = session.repository.gear
        scan = ChunkScan(session.repository.gear, parameters)
        room = ByteBuffer(capacity: TakingLimits.smallFileBytes + 1)
    }

    mutating func finish() throws { try writer.flush() }

    /// Hashes the chunks of a slab and stores the new ones; a predicted slab only as far as the
    /// prediction is right.
    mutating func work(_ slab: Slab) throws {
        for index in slab.cuts.indices {
            let range = slab.range(index)
            let bytes = UnsafeRawBufferPointer(rebasing: slab.filled[range])
            let id = ChunkID(digestOf: bytes)
            if !slab.predicted.isEmpty {
                guard slab.predicted[index] == id, !lost.contains(id) else { break }
            } else if try !writer.isStored(id) {
                let features = gear.superFeatures(slab.samples.samples, chunk: range)
                let hint = index < slab.hints.count ? slab.hints[index] : nil
                try writer.add(bytes, id: id, features: features, hint: hint)
            }
            slab.found.append(Content.Entry(id: id, bytes: range.count))
            completion.progress.add(bytes: range.count)
        }
    }

    /// Reads and stores the files of a batch, and the directory if they were its last.
    mutating func work(_ batch: FileBatch) throws {
        var outcomes: [PendingSlice.Outcome] = []
        outcomes.reserveCapacity(batch.files.count)
        for file in batch.files { outcomes.append(try read(file, batch)) }
        var next = try completion.complete(outcomes, of: batch.slice, &writer)
        while let waiter = next.popLast() {
            let batch = FileBatch(waiter.handle, waiter.slice, [waiter.file])
            let outcome = try read(waiter.file, batch)
            next += try completion.complete([outcome], of: waiter.slice, &writer)
        }
    }

    /// The node of a small file; none, and told, when it cannot be read.
    private mutating func read(
        _ file: FileBatch.File, _ batch: FileBatch
    ) throws -> PendingSlice.Outcome {
        guard let handle = batch.handle else {
            completion.observer(.unopened(batch.displayPath(of: file)))
            return PendingSlice.Outcome(position: file.position)
        }
        let opened: OpenedFile
        do throws(SystemError) {
            opened = try OpenedFile(file.name, in: handle)
        } catch {
            completion.observer(.unreadable(batch.displayPath(of: file), error))
            return PendingSlice.Outcome(position: file.position)
        }
        let content: Content
        var database: GuardedInput?
        do {
            content = try self.content(
                of: opened, parent: file.parent,
                at: batch.slice.directory.path(of: file.name), &database)
        } catch let failure as FileInput.ReadFailure {
            completion.observer(.unreadable(batch.displayPath(of: file), failure.error))
            return PendingSlice.Outcome(position: file.position)
        } catch let failure as DatabaseFailure {
            completion.observer(
                .failed(path: batch.displayPath(of: file), reason: failure.reason))
            return PendingSlice.Outcome(position: file.position)
        }
        var node = batch.slice.node(file.position)
        let isWhole = opened.describe(
            &node, content, isDatabase: database != nil, batch.displayPath(of: file),
            completion.observer)
        let isSteady = opened.isSteady(node, database?.input)
        if !isSteady, database == nil {
            completion.observer(.changed(batch.displayPath(of: file)))
        }
        completion.progress.add(bytes: content.size)
        completion.told(file, node, batch.slice)
        return PendingSlice.Outcome(
            position: file.position, node: node, isRestless: !isSteady || !isWhole)
    }

    /// `database` becomes what the file was read through, if it is one.
    private mutating func content(
        of opened: OpenedFile, parent: Content?, at path: @autoclosure () -> [UInt8],
        _ database: inout GuardedInput?
    ) throws -> Content {
        var count = try Self.read(opened, at: 0, into: room.bytes)
        var read = { (offset: Int, room: UnsafeMutableRawBufferPointer) throws -> Int in
            try Self.read(opened, at: offset, into: room)
        }
        if let databases,
            PageChunker.isPageStructured(
                prefix: UnsafeRawBufferPointer(rebasing: room.bytes[..<count]))
        {
            let input = try GuardedInput(databases, path(), opened.status)
            database = input
            read = { _, room in try input.readFully(into: room) }
            count = room.bytes.count
            if input.input.length < count { count = try read(0, room.bytes) }
        }
        guard count < room.bytes.count else { return try content(ofGrown: read) }
        return try content(
            of: UnsafeRawBufferPointer(rebasing: room.bytes[..<count]), parent: parent)
    }

    /// A failure of the file is not one of the repository.
    private static func read(
        _ opened: OpenedFile, at offset: Int, into room: UnsafeMutableRawBufferPointer
    ) throws -> Int {
        do throws(SystemError) {
            return try opened.read(at: offset, into: room)
        } catch {
            throw FileInput.ReadFailure(error: error)
        }
    }

    /// A file that has outgrown the room since it was listed is cut as it is read, in pieces that each
    /// begin at a cut.
    private mutating func content(
        ofGrown readBytes: (_ offset: Int, UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> Content {
        var builder = ContentBuilder()
        let room = max(TakingLimits.grownFileBytes, 2 * parameters.max)
        try readPieces(room: room, readBytes) { bytes, isPaged, isEnd in
            let entries = try store(bytes, isPaged: isPaged, isEnd: isEnd, hints: [])
            for entry in entries { try builder.append(entry) { try writer.storeMetadata($0) } }
            return entries.reduce(0) { $0 + $1.bytes }
        }
        return try builder.finish { try writer.storeMetadata($0) }
    }

    private mutating func content(
        of bytes: UnsafeRawBufferPointer, parent: Content?
    ) throws -> Content {
        guard !bytes.isEmpty else { return .empty }
        let isPaged = PageChunker.isPageStructured(prefix: bytes)
        var entries = isPaged ? [] : unchanged(bytes, parent)
        let start = entries.reduce(0) { $0 + $1.bytes }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        if !rest.isEmpty {
            let hints = parent.map { $0.entries.dropFirst(entries.count).map(\.id) } ?? []
            entries += try store(rest, isPaged: isPaged, isEnd: true, hints: hints)
        }
        var builder = ContentBuilder()
        for entry in entries { try builder.append(entry) { try writer.storeMetadata($0) } }
        return try builder.finish { try writer.storeMetadata($0) }
    }

    /// The chunks of the parent that `bytes` starts with; see `Prediction`.
    private func unchanged(
        _ bytes: UnsafeRawBufferPointer, _ parent: Content?
    ) -> [Content.Entry] {
        guard let parent, parent.depth == 0 else { return [] }
        var entries: [Content.Entry] = []
        var start = 0
        for (index, entry) in parent.entries.enumerated() {
            let end = start + entry.bytes
            let isLast = index == parent.entries.count - 1
            guard isLast ? end == bytes.count : end <= bytes.count, !lost.contains(entry.id),
                ChunkID(digestOf: UnsafeRawBufferPointer(rebasing: bytes[start..<end])) == entry.id
            else { break }
            entries.append(entry)
            start = end
        }
        return entries
    }

    /// Cuts a file from a cut on, to its end or to the last cut that is certain, and stores the new
    /// chunks.
    private mutating func store(
        _ bytes: UnsafeRawBufferPointer, isPaged: Bool, isEnd: Bool, hints: [ChunkID]
    ) throws -> [Content.Entry] {
        guard !bytes.isEmpty else { return [] }
        var entries: [Content.Entry] = []
        var isScanned = scan.cut(
            bytes, isPaged: isPaged, isEnd: isEnd, samples: &samples, into: &cuts)
        var start = 0
        for cut in cuts {
            let range = start..<Int(cut)
            start = range.upperBound
            let chunk = UnsafeRawBufferPointer(rebasing: bytes[range])
            let id = ChunkID(digestOf: chunk)
            if try !writer.isStored(id) {
                if !isScanned { scan.sample(bytes, into: &samples) }
                isScanned = true
                let features = gear.superFeatures(samples.samples, chunk: range)
                let hint = entries.count < hints.count ? hints[entries.count] : nil
                try writer.add(chunk, id: id, features: features, hint: hint)
            }
            entries.append(Content.Entry(id: id, bytes: range.count))
        }
        return entries
    }
}

extension ArchiveEvent {
    static func changed(_ path: String) -> ArchiveEvent {
        .noted(path: path, reason: "it changed while it was read")
    }

    /// A source in a directory that may be passed, but not opened.
    static func unopened(_ path: String) -> ArchiveEvent {
        .failed(path: path, reason: "its directory cannot be opened")
    }

    /// A file that has gone is only noted.
    static func unreadable(_ path: String, _ error: SystemError) -> ArchiveEvent {
        error.isMissing
            ? .noted(path: path, reason: "it vanished before it was read")
            : .failed(path: path, reason: error.reason)
    }
}
