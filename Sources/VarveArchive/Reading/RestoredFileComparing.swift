import Glibc
import Synchronization
import VarveFormat
import VarveRepository
import VarveSystem

/// Finding out how much of a file is there already.
extension RestoredFile {
    /// Looks at what has the file's name, once; from then on the plan is known, or `.equal` until
    /// something differs.
    func look() throws(SystemError) {
        try state.withLock { (state) throws(SystemError) in
            guard state.plan == .unknown else { return }
            do throws(SystemError) {
                try look(&state)
            } catch {
                state.plan = .broken
                throw error
            }
        }
    }

    private func look(_ state: inout State) throws(SystemError) {
        guard let directory = directory.file, !self.directory.traits.isNew else {
            return startFresh(&state)
        }
        guard let existing = try directory.file.find(node.name) else { return startFresh(&state) }
        state.existing = existing
        guard context.mayReplace(existing, by: node) else { return finish(&state, .left) }
        guard existing.kind == .regular else {
            if existing.kind == .directory, context.dryRun { try makeWay() }
            return startFresh(&state)
        }
        // What cannot be opened is replaced.
        guard let file = try? directory.file.openToCompare(node.name, existing),
            let status = try? file.status(), status.kind == .regular,
            EntryIdentity(status) == EntryIdentity(existing)
        else { return startFresh(&state) }
        state.existing = status
        state.file = SharedFile(file)
        state.plan = .equal
    }

    /// In a dry run there is nothing to write: it is known what would be done.
    private func startFresh(_ state: inout State) {
        state.plan = .fresh
        state.file = nil
        if context.dryRun { finish(&state, state.existing == nil ? .created : .changed) }
    }

    func makeWay() throws(SystemError) {
        guard let parent = directory.file else { return }
        try context.deletion.makeWay(for: node.name, in: parent, directory, directory.path)
    }

    /// Whether a file of this size and time is taken to be equal, unread.
    private func isTrusted(_ existing: FileStatus) -> Bool {
        context.rule == .ifChanged && existing.mtime == node.modified
            && existing.size == Int64(node.size)
    }

    /// Whether the chunk at `offset` of the content has to be fetched; compares it with what is there.
    func lacks(
        _ entry: Content.Entry, at offset: Int, through buffer: ComparisonBuffer
    ) -> Bool {
        let (file, existing, isWritten) = state.withLock { state in
            switch state.plan {
            case .equal where !state.differs || mayWriteInPlace(state):
                (state.file, state.existing, false)
            // What earlier windows wrote lies before this chunk.
            case .inPlace: (try? opened(&state), state.existing, true)
            default: (nil, nil, false)
            }
        }
        guard let file, let existing else { return true }
        if !isWritten, isTrusted(existing) { return false }
        let isEqual =
            buffer.digest(entry.bytes) { bytes in
                runs.pieces(of: offset..<offset + entry.bytes).allSatisfy { piece in
                    let start = piece.content - offset
                    let part = UnsafeMutableRawBufferPointer(
                        rebasing: bytes[start..<start + piece.count])
                    return piece.file + piece.count <= existing.size
                        && (try? file.file.readFully(at: piece.file, into: part)) == piece.count
                }
            }.map { $0 == entry.id } ?? false
        if !isEqual { state.withLock { $0.differs = true } }
        return !isEqual
    }

    private func mayWriteInPlace(_ state: State) -> Bool {
        guard let existing = state.existing else { return false }
        return context.writesInPlace && existing.links == 1 && existing.mode & 0o111 == 0
            && existing.size >= context.window.inPlaceMin && node.holes.isEmpty
    }

    /// So many pieces of this window will be compared.
    func expectComparisons(_ count: Int) { state.withLock { $0.comparing += count } }

    /// Some pieces were compared; after the last one of the window it is decided what is done.
    func compared(_ count: Int) throws(SystemError) {
        try state.withLock { (state) throws(SystemError) in
            state.comparing -= count
            guard state.comparing == 0, state.plan == .equal else { return }
            do throws(SystemError) {
                try decide(&state)
            } catch {
                state.file = nil
                state.plan = .broken
                throw error
            }
        }
    }

    private func decide(_ state: inout State) throws(SystemError) {
        guard let existing = state.existing, let file = state.file else { return }
        let sizeDiffers = existing.size != Int64(node.size)
        if !state.differs, !state.isWhole {
            state.hasSkipped = true
            return
        }
        let isTrusted = isTrusted(existing)
        guard state.differs || sizeDiffers || !(isTrusted || holesAreEmpty(file.file)) else {
            return try settle(&state, file.file, existing)
        }
        if context.dryRun { return finish(&state, .changed) }
        guard mayWriteInPlace(state), try openInPlace(&state, existing) else {
            return replace(&state)
        }
    }

    /// The file is to be written as a whole, also what was found equal before.
    private func replace(_ state: inout State) {
        state.file = nil
        state.plan = state.hasSkipped ? .again : .fresh
    }

    /// Takes the file for writing, so that until it is whole it does not look it; false when it cannot
    /// be written, or is another one by now.
    private func openInPlace(
        _ state: inout State, _ existing: FileStatus
    ) throws(SystemError) -> Bool {
        guard let directory = directory.file,
            let file = try? directory.file.openToChange(node.name), let status = try? file.status(),
            status.kind == .regular, status.links == 1,
            EntryIdentity(status) == EntryIdentity(existing),
            // Programs have it mapped; and only of a long file enough is saved.
            status.mode & 0o111 == 0, status.size >= context.window.inPlaceMin,
            isClosedToOthers(file, status, rights: 0o7),
            // Others may have it open, and shall see the old one or the new one.
            !file.isDatabase
        else { return false }
        do throws(SystemError) {
            try file.setMode(0o600)
            try file.setTimes(mtimeNanoseconds: Clock.wallNanoseconds())
            // Before the first byte is: else a power cut could leave other bytes with the old time.
            try file.sync()
        } catch {
            return false
        }
        // Opened again for the first chunk: very many may wait.
        state.identity = EntryIdentity(status)
        state.file = nil
        state.plan = .inPlace
        return true
    }

    /// The bytes are equal: sets the attributes, if these are not.
    private func settle(
        _ state: inout State, _ file: borrowing File, _ status: FileStatus
    ) throws(SystemError) {
        if context.isReadingBack { return finish(&state, .unchanged) }
        if !context.dryRun, file.isDatabase { try removeCompanions() }
        if node.hardLinkGroup != nil { state.identity = EntryIdentity(status) }
        guard try attributes.differ(from: file, status) else { return finish(&state, .unchanged) }
        if context.dryRun { return finish(&state, .changed) }
        // Its other names may lie outside the target.
        guard status.links == 1, isClosedToOthers(file, status, rights: 0o2) else {
            return replace(&state)
        }
        do throws(SystemError) {
            // Without rights to write it its owner cannot set extended attributes.
            if !context.isRoot { try file.setMode(0o600) }
            let isChanged = try attributes.apply(to: file, isClean: false, context.notes)
            finish(&state, isChanged ? .changed : .unchanged)
        } catch  where error.errno == EPERM || error.errno == EACCES {
            replace(&state)
        }
    }

    /// Whether there are only zeros where the snapshot has holes.
    private func holesAreEmpty(_ file: borrowing File) -> Bool {
        guard !runs.holes.isEmpty else { return true }
        guard let extents = try? file.dataExtents() else { return false }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var index = 0
        for hole in runs.holes {
            while index < extents.count, extents[index].upperBound <= hole.lowerBound { index += 1 }
            var extent = index
            while extent < extents.count, extents[extent].lowerBound < hole.upperBound {
                let start = max(hole.lowerBound, Int(extents[extent].lowerBound))
                let end = min(hole.upperBound, Int(extents[extent].upperBound))
                guard file.isZero(start..<end, &buffer) else { return false }
                extent += 1
            }
        }
        return true
    }
}

extension File {
    fileprivate func isZero(_ range: Range<Int>, _ buffer: inout [UInt8]) -> Bool {
        var position = range.lowerBound
        while position < range.upperBound {
            let wanted = min(buffer.count, range.upperBound - position)
            let isZero = buffer.withUnsafeMutableBytes { bytes in
                let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted])
                guard (try? readFully(at: position, into: part)) == wanted else { return false }
                return part.allSatisfy { $0 == 0 }
            }
            guard isZero else { return false }
            position += wanted
        }
        return true
    }
}

/// One thread's room for a chunk that is compared.
final class ComparisonBuffer {
    private var bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 16)

    deinit { bytes.deallocate() }

    /// The digest of `count` bytes that `fill` provides; nil when it cannot.
    func digest(_ count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Bool) -> ChunkID? {
        if bytes.count < count {
            bytes.deallocate()
            bytes = .allocate(byteCount: count, alignment: 4096)
        }
        let room = UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
        return fill(room) ? ChunkID(digestOf: UnsafeRawBufferPointer(room)) : nil
    }
}
