import Glibc
import VarveFormat
import VarveSystem

/// A regular file that was opened to be read, and what it was then.
struct OpenedFile {
    let file: SharedFile
    private let status: FileStatus
    /// Where its data lie, when it has holes.
    let extents: [Range<Int64>]?
    private let attributes: [(name: [UInt8], value: [UInt8])]

    /// EAGAIN when it is no regular file any more.
    init(_ name: [UInt8], in directory: SharedFile) throws(SystemError) {
        file = SharedFile(try directory.file.openFile(name))
        status = try file.file.status()
        guard status.kind == .regular else {
            throw SystemError(.openToRead, file.file.path, errno: EAGAIN)
        }
        extents = try Self.extents(file, status)
        attributes = try file.file.extendedAttributes()
    }

    /// Sets all of `node` that belongs to the file rather than to its name; `content` is all of its data
    /// that could be read, with the holes left out.
    func describe(
        _ node: inout Node, _ content: Content, _ path: @autoclosure () -> String,
        _ observer: ArchiveObserver
    ) {
        node.modified = status.mtime
        node.content = content
        node.holes = extents.map { Node.holes($0, size: status.size, data: content.size) } ?? []
        node.set(attributes, path(), observer)
    }

    /// Whether the file is still what it was, and was read to its end.
    func isSteady(_ node: Node) -> Bool {
        guard let now = try? file.file.status() else { return false }
        return now.size == status.size && now.mtime == status.mtime && now.ctime == status.ctime
            && node.size == Int(status.size)
    }

    /// Reads the extents, one behind the other; EFBIG when they do not fit.
    func readExtents(into room: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        var done = 0
        for extent in extents ?? [] {
            guard extent.count <= room.count - done else {
                throw SystemError(.read, file.file.path, errno: EFBIG)
            }
            let part = UnsafeMutableRawBufferPointer(rebasing: room[done..<done + extent.count])
            let count = try file.file.readFully(at: Int(extent.lowerBound), into: part)
            done += count
            if count < extent.count { break }
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

extension Node {
    /// Sets the extended attributes, unless they are too many; that is told.
    mutating func set(
        _ found: [(name: [UInt8], value: [UInt8])], _ path: @autoclosure () -> String,
        _ observer: ArchiveObserver
    ) {
        attributes = []
        guard !found.isEmpty else { return }
        let bytes = found.reduce(0) { $0 + $1.name.count + $1.value.count }
        guard bytes <= TakingLimits.attributesBytes else {
            return observer(
                .failed(
                    path: path(), reason: "its extended attributes take \(bytes) bytes, too many"))
        }
        attributes = found.map { Attribute(name: $0.name, value: $0.value) }
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
