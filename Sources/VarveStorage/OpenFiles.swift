import Synchronization
import VarveSystem

/// A file that stays open as long as anyone reads from it.
final class OpenFile: Sendable {
    let file: File
    init(_ file: consuming File) { self.file = file }

    /// Fills the buffer, or says where the file ends.
    func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try file.fill(buffer, at: offset, of: name)
    }
}

extension File {
    /// Fills the buffer with what `name` holds, or says where the file ends.
    borrowing func fill(
        _ buffer: UnsafeMutableRawBufferPointer, at offset: Int, of name: String
    ) throws(StorageError) {
        let (count, size): (Int, Int)
        do throws(SystemError) {
            // Also so for offsets that are no offsets at all.
            if offset < 0 || offset > Int.max - buffer.count {
                (count, size) = (-1, try self.size)
            } else {
                count = try readFully(at: offset, into: buffer)
                size = count < buffer.count ? try self.size : 0
            }
        } catch {
            throw StorageError(error, name)
        }
        if count < buffer.count {
            throw .truncated(name, at: offset, needed: buffer.count, has: size)
        }
    }
}

/// The files read last, kept open; one that drops out is closed after its last reader.
final class OpenFiles: Sendable {
    private struct Entry {
        let file: OpenFile
        var lastUse: UInt64
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var uses: UInt64 = 0
        /// Counts forgotten names, so that a file opened before that is not kept after it.
        var forgotten: UInt64 = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// The open file for a name, opened at `path` when it is not kept.
    func file(_ name: String, at path: String) throws(SystemError) -> OpenFile {
        let (known, moment) = state.withLock { state in
            state.uses += 1
            state.entries[name]?.lastUse = state.uses
            return (state.entries[name]?.file, state.forgotten)
        }
        if let known { return known }
        let opened = OpenFile(try File.openToRead(path))
        let dropped = state.withLock { state -> OpenFile? in
            guard state.forgotten == moment else { return nil }
            state.entries[name] = Entry(file: opened, lastUse: state.uses)
            guard state.entries.count > limit else { return nil }
            let oldest = state.entries.min { $0.value.lastUse < $1.value.lastUse }
            return oldest.flatMap { state.entries.removeValue(forKey: $0.key)?.file }
        }
        // Closed here, outside the lock, unless somebody still reads from it.
        _ = consume dropped
        return opened
    }

    /// The next read of this name opens it anew.
    func forget(_ name: String) {
        let dropped = state.withLock { state in
            state.forgotten += 1
            return state.entries.removeValue(forKey: name)
        }
        _ = consume dropped
    }
}
