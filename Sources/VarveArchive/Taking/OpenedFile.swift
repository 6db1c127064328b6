import Glibc
import VarveFormat
import VarveSystem

/// A regular file that was opened to be read, and what it was then.
struct OpenedFile {
    let file: SharedFile
    let status: FileStatus
    /// Where its data lie, when it has holes.
    let extents: [Range<Int64>]?
    private let attributes: Result<[(name: [UInt8], value: [UInt8])], SystemError>

    /// EAGAIN when it is no regular file any more.
    init(_ name: [UInt8], in directory: SharedFile) throws(SystemError) {
        let file = SharedFile(try directory.file.openFile(name))
        let status = try file.file.status()
        guard status.kind == .regular else {
            throw SystemError(.openToRead, file.file.path, errno: EAGAIN)
        }
        try self.init(file, status)
    }

    /// A regular file that is open.
    init(_ file: SharedFile, _ status: FileStatus) throws(SystemError) {
        (self.file, self.status) = (file, status)
        extents = try Self.extents(file, status)
        do throws(SystemError) {
            attributes = .success(try file.file.extendedAttributes())
        } catch {
            attributes = .failure(error)
        }
    }

    /// Sets all of `node` that belongs to the file rather than to its name; `content` is all of its data
    /// that could be read, with the holes left out. False when not all of it could be had, which is told.
    func describe(
        _ node: inout Node, _ content: Content, isDatabase: Bool = false,
        _ path: @autoclosure () -> String, _ observer: ArchiveObserver
    ) -> Bool {
        node.modified = status.mtime
        node.content = content
        // Of a database everything was read.
        node.holes = isDatabase ? [] : holes(ofData: content.size)
        switch attributes {
        case .success(let found): return node.set(found, path(), observer)
        case .failure(let error):
            observer(.unreadableAttributes(path(), error))
            return false
        }
    }

    /// Where it has holes, when so many bytes of data were read.
    func holes(ofData bytes: Int) -> [Node.Hole] {
        extents.map { Node.holes($0, size: status.size, data: bytes) } ?? []
    }

    /// Whether the file is still what it was, and all that was read is all that is in it.
    func isSteady(_ node: Node, _ database: (any PinnedInput)? = nil) -> Bool {
        guard database?.hasMoreThanFile != true, let now = try? file.file.status() else {
            return false
        }
        return now.size == status.size && now.mtime == status.mtime && now.ctime == status.ctime
            && node.size == Int(status.size)
    }

    /// Reads data from `offset` on, holes not counted, until the room is full or the file at its end.
    func read(at offset: Int, into room: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        guard let extents else { return try file.file.readFully(at: offset, into: room) }
        var (skipped, done) = (offset, 0)
        for extent in extents where done < room.count {
            guard skipped < extent.count else {
                skipped -= extent.count
                continue
            }
            let wanted = min(extent.count - skipped, room.count - done)
            let part = UnsafeMutableRawBufferPointer(rebasing: room[done..<done + wanted])
            let count = try file.file.readFully(at: Int(extent.lowerBound) + skipped, into: part)
            done += count
            skipped = 0
            if count < wanted { break }
        }
        return done
    }

    /// Nil for a file that has no holes, or so many that listing them would not pay.
    private static func extents(
        _ file: SharedFile, _ status: FileStatus
    ) throws(SystemError) -> [Range<Int64>]? {
        guard status.blocks &* 512 < UInt64(clamping: status.size) else { return nil }
        let extents = try file.file.dataExtents()
        guard extents != [0..<status.size], extents.count <= TakingLimits.extentsMax else {
            return nil
        }
        return extents
    }
}

extension ArchiveEvent {
    static func heldTime(_ path: String, _ mtime: Int64) -> ArchiveEvent {
        let kept =
            mtime < 0 ? "before 1677, and is stored as 1677" : "after 2262, and is stored as 2262"
        return .noted(path: path, reason: "its modification time lies \(kept)")
    }

    static func unreadableAttributes(_ path: String, _ error: SystemError) -> ArchiveEvent {
        .failed(path: path, reason: "its extended attributes cannot be read: \(error.reason)")
    }
}

extension Node {
    /// Sets the extended attributes; false, and told, when they are too many.
    mutating func set(
        _ found: [(name: [UInt8], value: [UInt8])], _ path: @autoclosure () -> String,
        _ observer: ArchiveObserver
    ) -> Bool {
        attributes = []
        guard !found.isEmpty else { return true }
        let bytes = found.reduce(0) { $0 + $1.name.count + $1.value.count }
        guard bytes <= TakingLimits.attributesBytes else {
            observer(
                .failed(
                    path: path(), reason: "its extended attributes take \(bytes) bytes, too many"))
            return false
        }
        attributes = found.map { Attribute(name: $0.name, value: $0.value) }
        return true
    }

    /// The holes of a file of `size` bytes, of whose extents only the first `data` bytes were read: what
    /// follows those does not count.
    static func holes(_ extents: [Range<Int64>], size: Int64, data: Int) -> [Hole] {
        var holes: [Hole] = []
        var (position, left, run) = (Int64(0), data, 0)
        func close(at end: Int64) {
            guard end > position else { return }
            holes.append(Hole(dataBytes: run, holeBytes: Int(end - position)))
            run = 0
        }
        for extent in extents {
            guard left > 0 else { return holes }
            close(at: extent.lowerBound)
            position = extent.upperBound
            run += min(extent.count, left)
            left -= extent.count
        }
        if left == 0 { close(at: size) }
        return holes
    }
}
