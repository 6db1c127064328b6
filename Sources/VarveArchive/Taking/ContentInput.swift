public import VarveSystem

/// The bytes of one file or stream, read once from their start to their end, by one thread.
public protocol ContentInput: AnyObject {
    /// Reads the next bytes into `room`, which has some: how many, 0 only at the end.
    ///
    /// While nothing comes it looks at `Interrupts` at least every 200 ms, and throws
    /// `ArchiveError.interrupted`. Any other error is the source's.
    func read(into room: UnsafeMutableRawBufferPointer) throws -> Int
}

extension ContentInput {
    /// Reads until the room is full or the end is there: how many bytes.
    func readFully(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        var done = 0
        while done < room.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: room[done...])
            let count = try read(into: rest)
            if count == 0 { break }
            done += count
        }
        return done
    }
}

/// What can be read of a file, or of the other end of a pipe.
final class FileInput: ContentInput {
    private let file: SharedFile
    /// What is left of the extents to read; nil for all there is.
    private var extents: ArraySlice<Range<Int64>>?

    init(_ file: SharedFile, extents: [Range<Int64>]? = nil) {
        self.file = file
        self.extents = extents?[...]
    }

    /// The file itself failed, not the repository.
    struct ReadFailure: Error {
        var error: SystemError
    }

    func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        do throws(SystemError) {
            if extents != nil { return try readExtent(into: room) }
            // A program that writes nothing for a while must not make us deaf.
            while try !file.file.waitToRead(milliseconds: TakingLimits.listenMilliseconds) {
                if Interrupts.isRequested { break }
            }
            if !Interrupts.isRequested { return try file.file.read(into: room) }
        } catch {
            throw ReadFailure(error: error)
        }
        throw ArchiveError.interrupted
    }

    /// Reads on in the extents; 0 when they, or the file, are at their end.
    private func readExtent(
        into room: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        guard var left = extents, let extent = left.first else { return 0 }
        // So that they are not copied.
        extents = []
        let count = min(room.count, extent.count)
        let part = UnsafeMutableRawBufferPointer(rebasing: room[..<count])
        let found = try file.file.readFully(at: Int(extent.lowerBound), into: part)
        // The file may have been cut off meanwhile.
        if found < count {
            left = []
        } else if found == extent.count {
            left.removeFirst()
        } else {
            left[left.startIndex] = extent.dropFirst(found)
        }
        extents = left
        return found
    }
}

/// A stream that is read once, from its start to its end.
public final class StreamInput: Sendable {
    private let file: SharedFile

    public init(_ file: consuming File) { self.file = SharedFile(file) }

    /// The stream from where it is.
    public var content: any ContentInput { FileInput(file) }
}
