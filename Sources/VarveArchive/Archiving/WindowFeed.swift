import VarveFormat
import VarveRepository
import VarveSystem

/// Lays out an output in windows, from its start to its end.
final class WindowFeed<Mark: Sendable> {
    /// Nobody wants the rest.
    struct Stopped: Error {}

    private let empty: BoundedQueue<ReadWindow<Mark>>
    private let planned: BoundedQueue<ReadWindow<Mark>>
    private var window: ReadWindow<Mark>

    /// Takes windows from `empty` and puts them into `planned`.
    init(
        from empty: BoundedQueue<ReadWindow<Mark>>, to planned: BoundedQueue<ReadWindow<Mark>>
    ) throws {
        self.empty = empty
        self.planned = planned
        guard let window = empty.take() else { throw Stopped() }
        self.window = window
    }

    func append(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            if window.space == 0 { try next() }
            let part = rest.prefix(window.space)
            part.withUnsafeBytes { window.append($0) }
            rest = rest.dropFirst(part.count)
        }
    }

    func append(zeros: Int) throws {
        var rest = zeros
        while rest > 0 {
            if window.space == 0 { try next() }
            let part = min(rest, window.space)
            window.append(zeros: part)
            rest -= part
        }
    }

    /// Adds `range` of a chunk; it is split only when it is longer than a window.
    func append(_ entry: Content.Entry, _ range: Range<Int>) throws {
        var rest = range
        while !rest.isEmpty {
            if window.isCrowded || window.space < rest.count && window.count > 0 { try next() }
            let part = rest.prefix(window.space)
            window.append(entry, part)
            rest = part.upperBound..<rest.upperBound
        }
    }

    func append(_ mark: Mark) throws {
        if window.isCrowded { try next() }
        window.append(mark)
    }

    /// Hands out what is laid out so far.
    func finish() throws {
        if !window.isEmpty { try next() }
    }

    private func next() throws {
        if Interrupts.isRequested { throw ArchiveError.interrupted }
        guard planned.put(window), let fresh = empty.take() else { throw Stopped() }
        fresh.clear()
        window = fresh
    }
}

/// The bytes of one content, piece by piece.
struct ContentPieces: ~Copyable {
    private var chunks: ContentCursor
    private var entry: Content.Entry?
    private var used = 0

    init(_ content: Content) { chunks = ContentCursor(content) }

    /// Adds the next `count` bytes.
    mutating func append<Mark>(
        _ count: Int, to feed: WindowFeed<Mark>, _ reader: inout ChunkReader
    ) throws {
        var rest = count
        while rest > 0 {
            guard let entry = try self.entry ?? chunks.next(&reader) else {
                throw RepositoryError.damaged("a file", "it is shorter than its holes say")
            }
            let part = min(rest, entry.bytes - used)
            try feed.append(entry, used..<used + part)
            rest -= part
            used += part
            self.entry = used < entry.bytes ? entry : nil
            if self.entry == nil { used = 0 }
        }
    }
}

extension WindowFeed {
    /// Adds all bytes of a file, with zeros for its holes.
    func append(plain node: Node, _ reader: inout ChunkReader) throws {
        guard let content = node.content else { return }
        var pieces = ContentPieces(content)
        var rest = content.size
        for hole in node.holes {
            try pieces.append(hole.dataBytes, to: self, &reader)
            rest -= hole.dataBytes
            try append(zeros: hole.holeBytes)
        }
        try pieces.append(rest, to: self, &reader)
    }
}
