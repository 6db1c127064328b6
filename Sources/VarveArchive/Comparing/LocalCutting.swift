import VarveCodec
import VarveFormat
public import VarveRepository
import VarveSystem

/// Cuts files of this machine as a snapshot would, and stores nothing.
public struct LocalCutting: ~Copyable {
    private var scan: ChunkScan
    private var samples = SampleBuffer()
    private var cuts: [Int64] = []
    private let room: Int
    private let databases: PinnedOpening?

    /// `databases` opens those among the files; with nil they are files like any other.
    public init(_ repository: Repository, databases: PinnedOpening?) throws {
        let parameters = try repository.chunker
        scan = ChunkScan(repository.gear, parameters)
        room = max(TakingLimits.grownFileBytes, 2 * parameters.max)
        self.databases = databases
    }

    /// What a snapshot of the file at an absolute path may say that it holds: with the holes it has, and when it
    /// has some also without any. A symbolic link is followed.
    public mutating func contents(ofFileAt path: [UInt8]) throws -> [FileContent] {
        // Opening anything else might wait, or do more than that.
        guard try File.status(of: path, follow: true).kind == .regular else {
            throw RepositoryError.notFound("\(RawText.text(path)) is no regular file")
        }
        let file = SharedFile(try File.openToRead(path))
        let status = try file.file.status()
        let opened = try OpenedFile(file, status)
        let found = try content(of: opened, at: path)
        guard !found.holes.isEmpty else { return [found] }
        return [found, FileContent(content: try cut(plain: file), holes: [])]
    }

    /// What a snapshot would say of an opened file at an absolute path.
    mutating func content(of opened: OpenedFile, at path: [UInt8]) throws -> FileContent {
        if let databases, opened.file.file.isDatabase {
            let input = try GuardedInput(databases, path, opened.status)
            return FileContent(
                content: try cut { _, room in try input.readFully(into: room) }, holes: [])
        }
        let content = try cut { offset, room in try opened.read(at: offset, into: room) }
        return FileContent(content: content, holes: opened.holes(ofData: content.size))
    }

    private mutating func cut(plain file: SharedFile) throws -> Content {
        try cut { offset, room in try file.file.readFully(at: offset, into: room) }
    }

    private mutating func cut(
        _ read: (_ offset: Int, UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> Content {
        var builder = ContentBuilder()
        let name: ContentBuilder.Store = { try ChunkID(digestOf: $0) }
        try readPieces(room: room, read) { bytes, isPaged, isEnd in
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            guard !bytes.isEmpty else { return 0 }
            _ = scan.cut(bytes, isPaged: isPaged, isEnd: isEnd, samples: &samples, into: &cuts)
            var start = 0
            for cut in cuts {
                let chunk = UnsafeRawBufferPointer(rebasing: bytes[start..<Int(cut)])
                let entry = Content.Entry(id: ChunkID(digestOf: chunk), bytes: chunk.count)
                try builder.append(entry, name)
                start = Int(cut)
            }
            return start
        }
        return try builder.finish(name)
    }
}
