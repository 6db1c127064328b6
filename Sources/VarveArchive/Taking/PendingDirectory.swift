import Synchronization
import VarveFormat
import VarveRepository
import VarveSystem

/// A directory while its entries are read; its slices are stored in order, each when the last of its
/// entries is done.
final class PendingDirectory: Sendable {
    let name: [UInt8]

    /// Where the directory stands in the one above.
    private struct Place: Sendable {
        var slice: PendingSlice
        var position: Int
    }

    /// What a directory came to.
    typealias Stored = SnapshotManifest.Root

    private struct State: Sendable {
        /// Nil for the root.
        var place: Place?
        /// Slices that are not stored, in order.
        var slices: ArraySlice<PendingSlice> = []
        /// No further slice comes.
        var isListed = false
        /// There may be more in it than is listed.
        var isPartial = false
        /// A thread has taken the store.
        var isStoring = false
        /// Nil before the first slice, and while a thread has it.
        var store: DirectoryStore?
    }

    private let state: Mutex<State>
    private let isRoot: Bool
    /// Where a directory that stands in no other lies.
    private let above: [UInt8]
    /// What to do with such a one when it is stored.
    private let whenStored: (@Sendable (Stored) -> Void)?

    /// The root of the snapshot.
    init(root: @escaping @Sendable (Stored) -> Void) {
        name = []
        isRoot = true
        above = []
        state = Mutex(State())
        whenStored = root
    }

    /// The directory at `path`, which is put into the one above when it is stored, if at all.
    init(at path: [UInt8], whenStored: @escaping @Sendable (Stored) -> Void) {
        name = []
        isRoot = false
        above = path
        state = Mutex(State())
        self.whenStored = whenStored
    }

    /// The directory that stands at `position` in `slice`.
    init(_ name: [UInt8], in slice: PendingSlice, at position: Int) {
        self.name = name
        isRoot = false
        above = []
        state = Mutex(State(place: Place(slice: slice, position: position)))
        whenStored = nil
    }

    deinit {
        // One level at a time: a chain of any depth would exhaust the stack by itself.
        var slice = state.withLock { $0.place.take() }?.slice
        while slice != nil, isKnownUniquelyReferenced(&slice) {
            var above = slice?.directory
            slice = nil
            // Somebody else who has it may still ask for its path.
            guard above != nil, isKnownUniquelyReferenced(&above) else { return }
            slice = above?.state.withLock { $0.place.take() }?.slice
        }
    }

    /// Absolute, without a slash at the end; empty for the root.
    var path: [UInt8] {
        var names: [[UInt8]] = []
        var directory = self
        while let place = directory.state.withLock({ $0.place }) {
            names.append(directory.name)
            directory = place.slice.directory
        }
        return directory.above + names.reversed().flatMap { [UInt8(ascii: "/")] + $0 }
    }

    func path(of name: [UInt8]) -> [UInt8] { path + [UInt8(ascii: "/")] + name }

    func displayPath(of name: [UInt8]) -> String { RawText.text(path(of: name)) }

    func append(_ slice: PendingSlice) { state.withLock { $0.slices.append(slice) } }

    /// Something in it is passed over; to be said before `endListing`.
    func markPartial() { state.withLock { $0.isPartial = true } }

    /// All slices were appended.
    func endListing() { state.withLock { $0.isListed = true } }

    /// It will never be stored: what waits in it is let go, which else would hold each other forever.
    func giveUp() { state.withLock { $0.slices = [] } }

    /// Stores what is complete of the directory, and of each above it that thereby is.
    func store(_ writer: inout ChunkWriter, _ counts: RunCounts) throws {
        var directory = self
        while let stored = try directory.advance(&writer, counts) {
            guard let place = directory.state.withLock({ $0.place }) else {
                directory.whenStored?(stored)
                return
            }
            guard place.slice.complete(place.position, stored) else { return }
            directory = place.slice.directory
        }
    }

    private enum Step {
        case slice(PendingSlice)
        case end
    }

    /// Stores slices as long as the next one is complete; what it came to when that was the last.
    private func advance(_ writer: inout ChunkWriter, _ counts: RunCounts) throws -> Stored? {
        guard var store = takeStore() else { return nil }
        while let step = nextStep(store) {
            switch step {
            case .slice(let slice):
                let nodes = slice.takeNodes()
                counts.add(stored: nodes)
                try store.append(nodes) { try writer.storeMetadata($0) }
            case .end:
                var stored = try store.finish(isRoot: isRoot) { try writer.storeMetadata($0) }
                stored.isPartial = state.withLock { $0.isPartial }
                return stored
            }
        }
        return nil
    }

    /// Nil while another thread has it, which then goes on with what became complete meanwhile.
    private func takeStore() -> DirectoryStore? {
        state.withLock { state in
            guard !state.isStoring else { return nil }
            state.isStoring = true
            return state.store.take() ?? DirectoryStore()
        }
    }

    /// What comes next; nil, and the store is back, when that is not complete.
    private func nextStep(_ store: DirectoryStore) -> Step? {
        state.withLock { state in
            if let slice = state.slices.first, slice.isComplete {
                state.slices.removeFirst()
                // What a slice of an array has passed by it still holds, and that holds this directory.
                if state.slices.isEmpty { state.slices = [] }
                return .slice(slice)
            }
            if state.slices.isEmpty, state.isListed { return .end }
            state.store = store
            state.isStoring = false
            return nil
        }
    }
}

/// Turns the nodes of one directory into its content.
private struct DirectoryStore: Sendable {
    private var encoder = DirectoryEncoder()
    private var builder = ContentBuilder()
    private var hasPieces = false
    private var entries = 0
    private var last: [UInt8] = []

    mutating func append(_ nodes: [Node], _ store: ContentBuilder.Store) throws {
        for index in nodes.indices {
            let name = nodes[index].name
            // A directory that no reader takes is not to be stored, whatever went wrong.
            precondition(last.lexicographicallyPrecedes(name), "names are in ascending order")
            last = name
            entries = entries &+ 1 &+ nodes[index].entriesBelow
            if let piece = encoder.append(nodes[index]) { try append(piece, store) }
        }
    }

    /// The content, and the entries in the whole subtree.
    mutating func finish(
        isRoot: Bool, _ store: ContentBuilder.Store
    ) throws -> PendingDirectory.Stored {
        if let piece = encoder.finish() {
            if !isRoot, !hasPieces, piece.count <= Directory.literalBytesMax {
                return .init(content: Content(literal: piece), entries: entries)
            }
            try append(piece, store)
        }
        return .init(content: try builder.finish(store), entries: entries)
    }

    private mutating func append(_ piece: [UInt8], _ store: ContentBuilder.Store) throws {
        hasPieces = true
        try builder.append(Content.Entry(id: try store(piece), bytes: piece.count), store)
    }
}
