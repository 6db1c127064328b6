import Synchronization

/// The frames that were loaded last, shared by all threads; each is loaded by one of them.
final class FrameCache: Sendable {
    struct Key: Hashable, Sendable {
        /// The first bytes of a pack's id, or the slot of a pack that has no id yet.
        var pack: UInt64
        var offset: UInt32
    }

    /// One frame's place, which threads wait at while one of them loads.
    private final class Entry: Sendable {
        let frame = Mutex<LoadedFrame?>(nil)
    }

    private struct Slot {
        let entry: Entry
        var lastUse: UInt64
        var byteCount: Int
    }

    private struct State {
        var slots: [Key: Slot] = [:]
        var uses: UInt64 = 0
        var byteCount = 0
    }

    private let state = Mutex(State())
    private let bytesMax: Int

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// The frame of `key`, from `load` when it is not there.
    func frame(_ key: Key, load: () throws -> LoadedFrame?) throws -> LoadedFrame? {
        let entry = state.withLock { state in
            state.uses += 1
            if let slot = state.slots[key] {
                state.slots[key]?.lastUse = state.uses
                return slot.entry
            }
            let entry = Entry()
            state.slots[key] = Slot(entry: entry, lastUse: state.uses, byteCount: 0)
            return entry
        }
        return try entry.frame.withLock { frame in
            if let frame { return frame }
            let loaded: LoadedFrame?
            do {
                loaded = try load()
            } catch {
                forget(key, entry)
                throw error
            }
            guard let loaded else {
                forget(key, entry)
                return nil
            }
            frame = loaded
            account(key, loaded.byteCount)
            return loaded
        }
    }

    /// The place of a frame that could not be loaded is given up.
    private func forget(_ key: Key, _ entry: Entry) {
        state.withLock { state in
            if state.slots[key]?.entry === entry { state.slots[key] = nil }
        }
    }

    private func account(_ key: Key, _ byteCount: Int) {
        state.withLock { state in
            guard state.slots[key] != nil else { return }
            state.slots[key]?.byteCount = byteCount
            state.byteCount += byteCount
            while state.byteCount > bytesMax, state.slots.count > 1 {
                let loaded = state.slots.lazy.filter { $0.value.byteCount > 0 && $0.key != key }
                guard let oldest = loaded.min(by: { $0.value.lastUse < $1.value.lastUse }) else {
                    break
                }
                state.byteCount -= oldest.value.byteCount
                state.slots[oldest.key] = nil
            }
        }
    }
}
