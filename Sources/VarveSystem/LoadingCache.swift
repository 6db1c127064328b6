import Synchronization

/// The values that were used last, up to a number of bytes; shared by all threads, and each loaded by one of them
/// while those that want it too wait.
public final class LoadingCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// A value's place, which threads wait at while one of them loads.
    private final class Place: Sendable {
        let value = Mutex<Value?>(nil)
    }

    private struct Slot {
        let place: Place
        var lastUse: UInt64
        /// Nil until it is loaded.
        var byteCount: Int?
    }

    private struct State {
        var slots: [Key: Slot] = [:]
        var uses: UInt64 = 0
        var byteCount = 0
    }

    private let state = Mutex(State())
    private let bytesMax: Int
    private let size: @Sendable (Value) -> Int

    /// `size` tells the bytes that a value takes.
    public init(bytesMax: Int, size: @escaping @Sendable (Value) -> Int) {
        self.bytesMax = bytesMax
        self.size = size
    }

    /// What the values take together.
    public var byteCount: Int { state.withLock { $0.byteCount } }

    /// The value of `key`, from `load` when it is not there. `load` may ask for other keys, if none of these asks for
    /// this one.
    public func value(_ key: Key, load: () throws -> Value) throws -> Value {
        let place = state.withLock { state in
            state.uses += 1
            if let slot = state.slots[key] {
                state.slots[key]?.lastUse = state.uses
                return slot.place
            }
            let place = Place()
            state.slots[key] = Slot(place: place, lastUse: state.uses)
            return place
        }
        return try place.value.withLock { value in
            if let value { return value }
            do {
                let loaded = try load()
                value = loaded
                add(key, place, size(loaded))
                return loaded
            } catch {
                forget(key, place)
                throw error
            }
        }
    }

    /// The place of a value that could not be loaded is given up.
    private func forget(_ key: Key, _ place: Place) {
        state.withLock { state in
            if state.slots[key]?.place === place { state.slots[key] = nil }
        }
    }

    private func add(_ key: Key, _ place: Place, _ byteCount: Int) {
        state.withLock { state in
            // After a load that failed, another thread may have begun anew.
            guard state.slots[key]?.place === place else { return }
            state.slots[key]?.byteCount = byteCount
            state.byteCount += byteCount
            guard state.byteCount > bytesMax else { return }
            // Some at once, so that the search for the oldest ones is done seldom.
            for (other, slot) in state.slots.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
                guard state.byteCount > bytesMax / 8 * 7 else { break }
                guard other != key, let byteCount = slot.byteCount else { continue }
                state.byteCount -= byteCount
                state.slots[other] = nil
            }
        }
    }
}
