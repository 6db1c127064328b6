import Glibc
import Synchronization
import VarveCodec
import VarveFormat
import VarveSystem

/// A regular file while it is looked at and while its chunks arrive, from any thread in any order.
///
/// `RestoredFileComparing.swift` finds out what is there already; this writes.
final class RestoredFile: Sendable {
    let node: Node
    let directory: RestoredDirectory
    let attributes: RestoredAttributes
    let runs: DataRuns
    let context: RestoreContext
    let state: Mutex<State>

    /// What is to be done, as far as it is known.
    enum Plan {
        /// Not looked at yet.
        case unknown
        /// There is an equal file, as far as it was compared.
        case equal
        /// Chunks that differ are written into the file that is there.
        case inPlace
        /// A new file is written.
        case fresh
        /// Nothing more is to be done.
        case done
        /// What the file has been given is in vain; it must be written as a whole.
        case again
        case broken
    }

    struct State {
        var plan = Plan.unknown
        /// Whether what was written begins as a database does.
        var isDatabase = false
        /// The file that was there.
        var existing: FileStatus?
        /// Open for comparing, or for writing.
        var file: SharedFile?
        /// What the file is called until it is whole; nil until it exists.
        var temporary: [UInt8]?
        /// Of the file that is written, when it was closed between two chunks.
        var identity: EntryIdentity?
        /// Chunks that were asked for and did not come yet.
        var waiting = 0
        /// Pieces of this window that are not compared yet.
        var comparing = 0
        var differs = false
        /// Whether chunks of earlier windows were found equal, and not asked for.
        var hasSkipped = false
        /// Whether all chunks were gathered.
        var isWhole = false
        var action: RestoreAction?
        /// Whether the action was told.
        var isReported = false
    }

    init(
        _ node: Node, in directory: RestoredDirectory, owner: EntryOwner,
        _ context: RestoreContext
    ) {
        self.node = node
        self.directory = directory
        self.context = context
        attributes = RestoredAttributes(node, owner: owner)
        runs = DataRuns(node)
        state = Mutex(State())
    }

    /// The same file once more, to be written as a whole.
    init(again file: RestoredFile) {
        node = file.node
        directory = file.directory
        context = file.context
        attributes = file.attributes
        runs = file.runs
        var state = State()
        state.plan = .fresh
        state.existing = file.state.withLock { $0.existing }
        self.state = Mutex(state)
    }

    var path: TreePath { TreePath(node.name, below: directory.path) }

    /// All chunks were gathered.
    func expectNoMore() { state.withLock { $0.isWhole = true } }

    /// Writing begins, or goes on: so many chunks are asked for.
    func startWriting(chunks count: Int) {
        state.withLock { state in
            if state.plan == .unknown { state.plan = .fresh }
            state.waiting += count
        }
    }

    var plan: Plan { state.withLock { $0.plan } }
    /// Whether more of its chunks can be of use.
    var isOpenToMore: Bool {
        switch plan {
        case .unknown, .equal, .inPlace, .fresh: true
        case .done, .again, .broken: false
        }
    }

    /// What was done; nil until it is done.
    var action: RestoreAction? { state.withLock { $0.action } }

    /// Whether the caller is the first who asks, and so has to tell what was done.
    func reportOnce() -> Bool {
        state.withLock { state in
            defer { state.isReported = true }
            return !state.isReported
        }
    }

    /// Writes a chunk; the last one completes the file.
    func write(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, _ open: OpenRestoredFiles
    ) throws(SystemError) {
        let staysOpen = try state.withLock { (state) throws(SystemError) in
            state.waiting -= 1
            guard state.plan == .fresh || state.plan == .inPlace else { return false }
            let file = try opened(&state)
            if offset == 0 { state.isDatabase = PageChunker.isPageStructured(prefix: bytes) }
            try put(bytes, at: offset, file.file, isFresh: state.plan == .fresh)
            guard state.waiting == 0, state.isWhole else { return true }
            try complete(&state, file)
            return false
        }
        // Not while this file is locked: keeping it may close another one.
        if staysOpen { open.keep(self) }
    }

    private func put(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, _ file: borrowing File, isFresh: Bool
    ) throws(SystemError) {
        for piece in runs.pieces(of: offset..<offset + bytes.count) {
            let start = piece.content - offset
            let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + piece.count])
            if context.sparse, isFresh {
                try file.writeSparsely(part, at: piece.file)
            } else {
                try file.write(part, at: piece.file)
            }
        }
    }

    /// Completes a file of which nothing is to come: an empty one, or one that waited only for the
    /// word that no more chunks follow.
    func completeIfWhole() throws(SystemError) {
        try state.withLock { (state) throws(SystemError) in
            guard state.plan == .fresh || state.plan == .inPlace, state.waiting == 0, state.isWhole
            else { return }
            try complete(&state, try opened(&state))
        }
    }

    /// Closes the file; a later chunk opens it again.
    func close() {
        state.withLock { state in
            guard state.plan == .fresh || state.plan == .inPlace, let file = state.file else {
                return
            }
            // Without an identity it cannot be opened again, which is then an error.
            state.identity = (try? file.file.status()).map(EntryIdentity.init)
            state.file = nil
        }
    }

    /// Some of it cannot be had: what was written is taken away, and what had the name before stays.
    func giveUp() { _ = giveUpOnce() }

    /// Gives up; false when that was done before.
    func giveUpOnce() -> Bool {
        state.withLock { state in
            let isFirst = !state.isReported
            guard state.plan != .done else { return false }
            discard(&state)
            state.plan = .broken
            state.isReported = true
            return isFirst
        }
    }

    func discard(_ state: inout State) {
        state.file = nil
        guard let name = state.temporary.take() else { return }
        try? directory.file?.file.remove(name)
    }

    /// The file that is written; opened again when it was closed between two chunks.
    func opened(_ state: inout State) throws(SystemError) -> SharedFile {
        if let file = state.file { return file }
        guard let directory = directory.file else {
            throw SystemError(.create, path.text, errno: ENOENT)
        }
        let file: SharedFile
        if let name = state.plan == .inPlace ? node.name : state.temporary {
            file = SharedFile(try directory.file.openToChange(name))
            guard EntryIdentity(try file.file.status()) == state.identity else {
                throw SystemError(.write, directory.file.path(of: name), errno: ESTALE)
            }
        } else {
            let name = writesUnderItsName ? node.name : TemporaryName.make()
            file = SharedFile(try directory.file.createFile(name))
            state.temporary = name
        }
        state.file = file
        return file
    }

    /// In a directory that this run made nothing can be lost by it, and one call is saved. The rules
    /// that leave files alone must find none that is half written.
    private var writesUnderItsName: Bool { directory.traits.isNew && context.writesInPlace }

    private func complete(_ state: inout State, _ file: SharedFile) throws(SystemError) {
        guard let directory = directory.file else { return }
        let isFresh = state.plan == .fresh
        let mayEndInHole = context.sparse || !node.holes.isEmpty
        var isExtended = false
        if !isFresh || mayEndInHole {
            let size = try file.file.status().size
            isExtended = size < Int64(node.size)
            if size != Int64(node.size) { try file.file.truncate(to: node.size) }
        }
        // Attributes that say it is whole must not outlive a crash that its bytes do not. Where the
        // size is set apart from the bytes, it would say so, too.
        if !isFresh || isExtended { try file.file.sync() }
        try attributes.apply(
            to: file.file, isClean: isFresh && !self.directory.traits.givesList,
            ownerIsSet: isFresh && hasOwnerFromBirth, context.notes)
        if state.isDatabase { try removeCompanions() }
        if isFresh, let name = state.temporary, name != node.name {
            if state.existing?.kind == .directory { try makeWay() }
            // Whatever had the name, also one that is a link to a file elsewhere, is replaced, not
            // written.
            try directory.file.rename(name, to: node.name)
        }
        state.identity = node.hardLinkGroup == nil ? nil : EntryIdentity(try file.file.status())
        state.temporary = nil
        finish(&state, state.existing == nil ? .created : .changed)
    }

    /// Whether files that this process makes in the directory have the right owner by themselves. A
    /// directory may give its group, if that is another one.
    private var hasOwnerFromBirth: Bool {
        let owner = attributes.owner
        return (owner.uid ?? context.ownUser) == context.ownUser
            && (owner.gid == nil
                || owner.gid == context.ownGroup && directory.traits.gid == context.ownGroup)
    }

    func finish(_ state: inout State, _ action: RestoreAction) {
        state.file = nil
        state.plan = .done
        state.action = action
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

extension File {
    /// Writes at `offset`, but leaves out blocks of zeros; in a new file they become holes.
    fileprivate func writeSparsely(
        _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(SystemError) {
        let block = RestoreLimits.sparseBlock
        var start = 0
        var position = 0
        while position < bytes.count {
            // Holes are whole blocks of the file, wherever the chunk begins.
            let end = min(bytes.count, position + block - (offset + position) % block)
            // Parts of a block, too: nothing else was written in a new file.
            let isHole = bytes[position..<end].allSatisfy { $0 == 0 }
            if isHole {
                try write(
                    UnsafeRawBufferPointer(rebasing: bytes[start..<position]), at: offset + start)
                start = end
            }
            position = end
        }
        try write(UnsafeRawBufferPointer(rebasing: bytes[start...]), at: offset + start)
    }
}

extension RestoredFile {
    /// What came of a file that others are to be links to.
    enum Outcome {
        case pending, failed
        /// Without an identity it would be there after a run that is not dry.
        case restored(EntryIdentity?)
    }

    var outcome: Outcome {
        state.withLock { state in
            switch state.plan {
            case .broken: return .failed
            case .done:
                // What the rule left as it was need not be the snapshot's.
                guard state.action != .left, state.identity != nil || context.dryRun else {
                    return .failed
                }
                return .restored(state.identity)
            default: return .pending
            }
        }
    }
}
