import Synchronization
import VarveSystem

/// Objects in memory, for tests and for what need not outlive the process.
public final class MemoryStorage: Storage {
    struct Entry: Sendable {
        var bytes: [UInt8]
        var modified: Int64
    }

    struct State: Sendable {
        private(set) var entries: [String: Entry] = [:]
        /// Those of the entries in byte order, so that a listing costs what it answers.
        private(set) var names: [String] = []
        /// Nil while the machine's clock is used.
        var now: Int64?
    }

    public let location: String
    let state: Mutex<State>

    /// Takes over objects by their stored names: second copies have ".copy" behind theirs.
    public init(contents: [String: [UInt8]] = [:], location: String = "memory") {
        self.location = location
        let now = Clock.wallNanoseconds()
        state = Mutex(State(contents.mapValues { Entry(bytes: $0, modified: now) }))
    }

    public func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8] {
        let bytes = try entry(name, copy).bytes
        if bytes.count > limit { throw .tooLarge(name, bytes: bytes.count, limit: limit) }
        return bytes
    }

    public func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try copyBytes(of: entry(name, .first).bytes, name, at: offset, into: buffer)
    }

    public func size(of name: String) throws(StorageError) -> Int {
        try entry(name, .first).bytes.count
    }

    public func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) {
        try StorageName.check(name)
        state.withLock { state in
            for copy in copies.all {
                let path = StorageName.path(name, copy)
                if state.entries[path]?.bytes.count == bytes.count { continue }
                state[path] = Entry(bytes: bytes, modified: state.time)
            }
        }
    }

    public func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError) {
        try StorageName.check(name)
        overwrite(StorageName.path(name, copy), bytes)
    }

    public func create(
        _ name: String, _ bytes: [UInt8], copies: Copies
    ) throws(StorageError) -> Bool {
        try StorageName.check(name)
        return state.withLock { state in
            for copy in Copy.allCases where state.entries[StorageName.path(name, copy)] != nil {
                return false
            }
            for copy in copies.all {
                let entry = Entry(bytes: bytes, modified: state.time)
                state[StorageName.path(name, copy)] = entry
            }
            return true
        }
    }

    public func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        try StorageName.checkPrefix(prefix)
        return state.withLock { state in
            var listing = Listing(after: after)
            let first = after.map { StorageName.precedes(prefix, $0) ? $0 : prefix } ?? prefix
            for name in state.names[state.place(of: first)...] {
                guard name.utf8.starts(with: prefix.utf8) else { break }
                guard listing.wants(name), let entry = state.entries[name] else { continue }
                listing.add(
                    StoredObject(name: name, bytes: entry.bytes.count, modified: entry.modified))
            }
            return listing.sorted()
        }
    }

    public func times(of names: [String]) throws(StorageError) -> [String: Int64] {
        for name in names { try StorageName.check(name) }
        return state.withLock { state in
            var times: [String: Int64] = [:]
            for name in names {
                times[name] =
                    Copy.allCases.compactMap {
                        state.entries[StorageName.path(name, $0)]?.modified
                    }.min()
            }
            return times
        }
    }

    public func remove(_ name: String) throws(StorageError) {
        try StorageName.check(name)
        state.withLock { state in
            for copy in Copy.allCases { state[StorageName.path(name, copy)] = nil }
        }
    }

    public func stage() throws(StorageError) -> any StagedObject { StagedBytes(in: self) }

    private func entry(_ name: String, _ copy: Copy) throws(StorageError) -> Entry {
        try StorageName.check(name)
        guard let entry = state.withLock({ $0.entries[StorageName.path(name, copy)] }) else {
            throw .missing(name)
        }
        return entry
    }
}

/// What a test may do behind the back of the code under test; names are stored names.
extension MemoryStorage {
    /// Everything that is stored.
    public var contents: [String: [UInt8]] {
        state.withLock { $0.entries.mapValues(\.bytes) }
    }

    /// Replaces or adds one stored object, with the time now.
    public func overwrite(_ name: String, _ bytes: [UInt8]) {
        state.withLock { $0[name] = Entry(bytes: bytes, modified: $0.time) }
    }

    /// Removes one stored object, if it is there; not its copy.
    public func removeQuietly(_ name: String) {
        state.withLock { $0[name] = nil }
    }

    /// Sets the storage's clock, in nanoseconds since 1970; nil for the machine's.
    public func setClock(_ nanoseconds: Int64?) {
        state.withLock { $0.now = nanoseconds }
    }

    /// A second storage that starts with what this one holds, times and clock included.
    public func duplicate() -> MemoryStorage {
        let copy = MemoryStorage(location: location)
        let content = state.withLock { $0 }
        copy.state.withLock { $0 = content }
        return copy
    }
}

extension MemoryStorage.State {
    init(_ entries: [String: MemoryStorage.Entry]) {
        self.entries = entries
        names = entries.keys.sorted(by: StorageName.precedes)
    }

    var time: Int64 { now ?? Clock.wallNanoseconds() }

    subscript(name: String) -> MemoryStorage.Entry? {
        get { entries[name] }
        set {
            let old = entries[name]
            entries[name] = newValue
            let place = place(of: name)
            if old == nil, newValue != nil { names.insert(name, at: place) }
            if old != nil, newValue == nil { names.remove(at: place) }
        }
    }

    /// Where `name` stands among the names, or would stand.
    func place(of name: String) -> Int {
        var (low, high) = (0, names.count)
        while low < high {
            let middle = (low + high) / 2
            if StorageName.precedes(names[middle], name) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Copies {
    var all: [Copy] { self == .one ? [.first] : [.first, .second] }
}

/// Copies out of an object, or says where it ends.
func copyBytes(
    of bytes: [UInt8], _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
) throws(StorageError) {
    guard offset >= 0, offset <= bytes.count, buffer.count <= bytes.count - offset else {
        throw .truncated(name, at: offset, needed: buffer.count, has: bytes.count)
    }
    buffer.copyBytes(from: bytes[offset..<(offset + buffer.count)])
}
