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
        var byteCount = 0
        /// Every use in its order; one that another of the same key has followed counts no more.
        private var uses: [(key: Key, number: UInt64)] = []
        private var number: UInt64 = 0
        /// The first use that was not looked at for something to remove.
        private var oldest = 0

        /// The slot of `key` was the last to be used.
        mutating func use(_ key: Key) {
            number += 1
            slots[key]?.lastUse = number
            uses.append((key, number))
            // What counts no more goes before it is most of it.
            guard uses.count > 2 * slots.count + 64 else { return }
            uses = uses[oldest...].filter { slots[$0.key]?.lastUse == $0.number }
            oldest = 0
        }

        /// Gives up the loaded value whose last use is the oldest; false when there is none.
        mutating func removeOldest() -> Bool {
            while oldest < uses.count {
                let (key, number) = uses[oldest]
                oldest += 1
                guard let slot = slots[key], slot.lastUse == number, let bytes = slot.byteCount
                else { continue }
                byteCount -= bytes
                slots[key] = nil
                return true
            }
            return false
        }
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
            let place = state.slots[key]?.place ?? Place()
            if state.slots[key] == nil { state.slots[key] = Slot(place: place, lastUse: 0) }
            state.use(key)
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
            // No more than must, one by one: who loads the next takes the memory of the one that went.
            while state.byteCount + byteCount > bytesMax, state.removeOldest() {}
            state.slots[key]?.byteCount = byteCount
            state.byteCount += byteCount
            state.use(key)
        }
    }
}
