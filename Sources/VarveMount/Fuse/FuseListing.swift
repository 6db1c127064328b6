import CFuse
import Glibc

extension FuseOperations {
    /// As many entries behind `offset` as there is room for; with their status when `isPlus`.
    func list(
        _ request: fuse_req_t?, _ number: FileNumber, room: Int, from offset: Int, isPlus: Bool
    ) {
        withUnsafeTemporaryAllocation(byteCount: max(room, 1), alignment: 16) { buffer in
            var filled = 0
            do throws(Refusal) {
                try files.list(number, from: offset) { entry, tell in
                    let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<room])
                    let count = try add(request, entry, rest, isPlus: isPlus, tell)
                    filled += count
                    return count > 0
                }
                reply(request, UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
            } catch {
                // What was told of cannot be forgotten here, so that part of a listing is given out; the
                // next call begins with what is wrong.
                guard filled > 0 else { return refuse(request, error) }
                reply(request, UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
            }
        }
    }

    /// Adds one entry, and answers how many bytes that took: none when there is no room.
    private func add(
        _ request: fuse_req_t?, _ entry: ListedEntry, _ buffer: UnsafeMutableRawBufferPointer,
        isPlus: Bool, _ tell: () throws -> FileSystem.Found?
    ) throws -> Int {
        let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
        let name = entry.name.map { CChar(bitPattern: $0) } + [0]
        var status = FuseAnswers.status(entry)
        guard isPlus else {
            let count = library.addEntry(
                request, start, buffer.count, name, &status, off_t(entry.next))
            return count <= buffer.count ? count : 0
        }
        // Nobody is told of what does not fit.
        let needed = library.addEntryPlus(request, nil, 0, name, nil, 0)
        guard needed <= buffer.count else { return 0 }
        var answer = try tell().map(FuseAnswers.entry) ?? fuse_entry_param()
        // Without a number only this is looked at.
        if answer.ino == 0 { answer.attr = status }
        return library.addEntryPlus(request, start, buffer.count, name, &answer, off_t(entry.next))
    }
}
