import Synchronization
import VarveFormat
import VarveSystem

/// A file while its chunks arrive, from any thread and in any order.
final class RestoredFile: Sendable {
    let node: Node
    let path: [UInt8]
    /// Its name until it is complete.
    private let temporary = Array((".varve-" + randomName(byteCount: 8)).utf8)
    private let directory: SharedFile
    private let owner: (uid: UInt32, gid: UInt32)?
    private let state: Mutex<State>

    private struct State {
        var file: SharedFile?
        var exists = false
        /// Chunks that were asked for and did not come yet.
        var waiting = 0
        /// Whether all chunks were asked for.
        var isWhole = false
        var isBroken = false
        var isDone = false
    }

    init(
        _ node: Node, in directory: SharedFile, path: [UInt8], owner: (uid: UInt32, gid: UInt32)?
    ) {
        self.node = node
        self.directory = directory
        self.path = path
        self.owner = owner
        state = Mutex(State())
    }

    /// One more chunk is asked for.
    func expect() { state.withLock { $0.waiting += 1 } }

    /// All chunks were asked for.
    func expectNoMore() { state.withLock { $0.isWhole = true } }

    /// Whether the file is complete, with its attributes.
    var isDone: Bool { state.withLock { $0.isDone } }
    var isBroken: Bool { state.withLock { $0.isBroken } }

    /// Writes a chunk; the last one completes the file.
    func write(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, _ open: OpenRestoredFiles
    ) throws(SystemError) {
        let staysOpen = try state.withLock { (state) throws(SystemError) in
            state.waiting -= 1
            guard !state.isBroken else { return false }
            let file = try opened(&state)
            try file.file.write(bytes, at: offset)
            guard state.waiting == 0, state.isWhole else { return true }
            try complete(&state, file)
            return false
        }
        // Not while this file is locked: keeping it may close another one.
        if staysOpen { open.keep(self) }
    }

    /// Completes a file of which nothing is to come: an empty one, or one that waited only for the
    /// word that no more chunks follow.
    func completeIfWhole() throws(SystemError) {
        try state.withLock { (state) throws(SystemError) in
            guard state.waiting == 0, state.isWhole, !state.isBroken, !state.isDone else { return }
            try complete(&state, try opened(&state))
        }
    }

    /// Closes the file; a later chunk opens it again.
    func close() { state.withLock { $0.file = nil } }

    /// Some of it cannot be had: what was written is taken away, and what had the name before stays.
    func giveUp() {
        state.withLock { state in
            guard !state.isDone else { return }
            state.isBroken = true
            state.file = nil
            if state.exists { try? directory.file.remove(temporary) }
            state.exists = false
        }
    }

    private func opened(_ state: inout State) throws(SystemError) -> SharedFile {
        if let file = state.file { return file }
        let file: SharedFile
        if state.exists {
            file = SharedFile(try directory.file.openToChange(temporary))
        } else {
            file = SharedFile(try directory.file.createFile(temporary))
            state.exists = true
        }
        state.file = file
        return file
    }

    private func complete(_ state: inout State, _ file: SharedFile) throws(SystemError) {
        if let owner { try file.file.setOwner(uid: owner.uid, gid: owner.gid) }
        try file.file.setMode(node.mode)
        try file.file.setTimes(mtimeNanoseconds: node.modified)
        // Whatever had the name, also one that is a link to a file elsewhere, is replaced, not written.
        try directory.file.rename(temporary, to: node.name)
        state.file = nil
        state.exists = false
        state.isDone = true
    }
}

/// Keeps few of the files open that wait for more chunks.
final class OpenRestoredFiles: Sendable {
    private let files = Mutex<[RestoredFile]>([])

    /// Keeps `file` open, and closes the one that was kept first when there are too many.
    func keep(_ file: RestoredFile) {
        let oldest = files.withLock { files -> RestoredFile? in
            if files.contains(where: { $0 === file }) { return nil }
            files.append(file)
            return files.count > RestoreLimits.filesOpen ? files.removeFirst() : nil
        }
        if let oldest, oldest !== file { oldest.close() }
    }

    func closeAll() {
        let all = files.withLock { files in
            defer { files = [] }
            return files
        }
        for file in all { file.close() }
    }
}
