import Synchronization

/// The decoded pieces of directories that were used last, up to a number of bytes.
final class PieceCache: Sendable {
    struct Key: Hashable, Sendable {
        var directory: Int
        var piece: Int
    }

    private struct Slot {
        var piece: DirectoryPiece
        var lastUse: UInt64
    }

    private struct State {
        var slots: [Key: Slot] = [:]
        var uses: UInt64 = 0
        var byteCount = 0
    }

    private let state = Mutex(State())
    private let bytesMax: Int

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// What the pieces take together.
    var byteCount: Int { state.withLock { $0.byteCount } }

    /// The piece of `key`, from `load` when it is not there; two threads may load one at once.
    func piece(_ key: Key, load: () throws -> DirectoryPiece) rethrows -> DirectoryPiece {
        let known = state.withLock { state in
            state.uses += 1
            state.slots[key]?.lastUse = state.uses
            return state.slots[key]?.piece
        }
        if let known { return known }
        let piece = try load()
        state.withLock { Self.add(piece, key, bytesMax, &$0) }
        return piece
    }

    private static func add(
        _ piece: DirectoryPiece, _ key: Key, _ bytesMax: Int, _ state: inout State
    ) {
        if let other = state.slots[key] { state.byteCount -= other.piece.byteCount }
        state.slots[key] = Slot(piece: piece, lastUse: state.uses)
        state.byteCount += piece.byteCount
        guard state.byteCount > bytesMax else { return }
        // A part at once, so that the search for the oldest ones is done seldom.
        let oldest = state.slots.sorted { $0.value.lastUse < $1.value.lastUse }
        for (key, slot) in oldest.dropLast() {
            guard state.byteCount > bytesMax / 4 * 3 else { break }
            state.byteCount -= slot.piece.byteCount
            state.slots[key] = nil
        }
    }
}
