public import VarveSystem

/// Where named byte strings lie.
///
/// Names are paths with "/" between components (see `StorageName`). A put, a create or a remove that
/// has returned survives a crash; one that threw may or may not have happened. Every call may be made
/// from any thread, and blocks.
public protocol Storage: Sendable {
    /// Where it is, for people.
    var location: String { get }

    /// How many calls at once are worth making: 1 where each is answered without delay.
    var connections: Int { get }

    /// The storage alone, past all that this machine has kept of it.
    var unkept: any Storage { get }

    /// What it makes of two copies: a storage far away keeps one, and sees to it itself; second copies
    /// are then neither made nor missed.
    var keeps: Copies { get }

    /// The whole object; `.tooLarge`, before any allocation, when it has more than `limit` bytes.
    func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8]

    /// The whole first copy of an object whose SHA-256 the caller knows, and compares: it may come from
    /// what was kept of it. `.tooLarge` as above.
    func get(_ name: String, limit: Int, digest: [UInt8]) throws(StorageError) -> [UInt8]

    /// Exactly `buffer.count` bytes from `offset` of the first copy; `.truncated` when it ends before.
    func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError)

    /// The size of the first copy in bytes.
    func size(of name: String) throws(StorageError) -> Int

    /// Puts an object whose name follows from its content, so that putting it again is harmless: an
    /// object of that name and size may stay as it is, one of another size is replaced at once.
    func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError)

    /// Puts an object whose bytes are the first `bytes` of a local file, as `put` would.
    func put(
        _ name: String, contentsOf file: borrowing File, bytes: Int
    ) throws(StorageError)

    /// Puts one copy of an object anew, whatever has its name: `bytes` are those of the other copy.
    func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError)

    /// True when this call made the object, false when the name, or its second copy, is taken.
    ///
    /// After any error but `.unsynced`, an object that is found under the name is there to stay.
    func create(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) -> Bool

    /// The objects whose names start with `prefix` (empty, or ending in "/") and stand behind `after`,
    /// in byte order of their names. Complete, or an error; none when nothing was ever put there.
    ///
    /// An object of which only the second copy is left is listed like any other; of two copies the time
    /// of the older one counts.
    func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject]

    /// When each of these objects, all right below one prefix, was stored, in nanoseconds since 1970 by
    /// the storage's clock; nothing is said of those that are not there.
    func times(of names: [String]) throws(StorageError) -> [String: Int64]

    /// Makes objects right below a prefix durable that were found there: whoever made them may not have
    /// come to that yet.
    func settle(_ prefix: String) throws(StorageError)

    /// Removes both copies; a missing one is fine.
    func remove(_ name: String) throws(StorageError)

    /// Begins an object that has no name yet.
    func stage() throws(StorageError) -> any StagedObject
}

/// An object that grows before it has a name: an open pack.
///
/// One that is neither published nor discarded is discarded with its last reference.
public protocol StagedObject: AnyObject, Sendable {
    var byteCount: Int { get }

    /// After an error only `discard` makes sense.
    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError)

    /// Exactly `buffer.count` bytes that were appended before; possible until `publish`.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StorageError)

    /// Gives it a name as `put` would, durably; whatever comes of it, the staged object has ended.
    func publish(as name: String) throws(StorageError)

    func discard()
}

/// How often an object is kept.
public enum Copies: Sendable { case one, two }

/// Which of two copies; the second lies under the name with ".copy" behind it.
public enum Copy: Sendable, CaseIterable { case first, second }

/// A name in a listing.
public struct StoredObject: Sendable, Hashable {
    public var name: String
    public var bytes: Int
    /// Nanoseconds since 1970 by the storage's own clock.
    public var modified: Int64

    public init(name: String, bytes: Int, modified: Int64) {
        self.name = name
        self.bytes = bytes
        self.modified = modified
    }
}

extension Storage {
    public var connections: Int { 1 }
    public var unkept: any Storage { self }

    public var keeps: Copies { .two }

    /// Where an object grows no better from a file than from memory.
    public func put(
        _ name: String, contentsOf file: borrowing File, bytes: Int
    ) throws(StorageError) {
        let staged = try stage()
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { piece.deallocate() }
        var offset = 0
        while offset < bytes {
            let part = UnsafeMutableRawBufferPointer(
                rebasing: piece[..<min(piece.count, bytes - offset)])
            try file.fill(part, at: offset, of: name)
            try staged.append(UnsafeRawBufferPointer(part))
            offset += part.count
        }
        try staged.publish(as: name)
    }

    /// The whole first copy.
    public func get(_ name: String, limit: Int) throws(StorageError) -> [UInt8] {
        try get(name, limit: limit, copy: .first)
    }

    /// Where nothing is kept.
    public func get(_ name: String, limit: Int, digest: [UInt8]) throws(StorageError) -> [UInt8] {
        try get(name, limit: limit)
    }

    public func put(_ name: String, _ bytes: [UInt8]) throws(StorageError) {
        try put(name, bytes, copies: .one)
    }

    public func create(_ name: String, _ bytes: [UInt8]) throws(StorageError) -> Bool {
        try create(name, bytes, copies: .one)
    }

    /// Where one listing costs no more than a look at each.
    public func times(of names: [String]) throws(StorageError) -> [String: Int64] {
        guard let first = names.first else { return [:] }
        let prefix = first[...(first.lastIndex(of: "/") ?? first.startIndex)]
        let wanted = Set(names)
        let found = try list(String(prefix)).filter { wanted.contains($0.name) }
        return Dictionary(found.map { ($0.name, $0.modified) }) { first, _ in first }
    }

    /// Where nothing can be found that is not durable.
    public func settle(_ prefix: String) throws(StorageError) {}

    public func list(_ prefix: String) throws(StorageError) -> [StoredObject] {
        try list(prefix, after: nil)
    }

    /// `count` bytes from `offset`; the caller has bounded `count`.
    public func read(_ name: String, at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var room = bytes.mutableSpan
        try room.withUnsafeMutableBytes { (buffer) throws(StorageError) in
            try read(name, at: offset, into: buffer)
        }
        return bytes
    }
}

extension StagedObject {
    public func append(_ bytes: [UInt8]) throws(StorageError) {
        try bytes.span.withUnsafeBytes { (buffer) throws(StorageError) in try append(buffer) }
    }

    /// `count` bytes from `offset`.
    public func read(at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var room = bytes.mutableSpan
        try room.withUnsafeMutableBytes { (buffer) throws(StorageError) in
            try read(at: offset, into: buffer)
        }
        return bytes
    }
}
