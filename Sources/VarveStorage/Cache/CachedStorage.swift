import Synchronization
public import VarveSystem

/// A far storage, of which this machine keeps what it needs often.
///
/// A listing, a size, a time and any change are always the storage's; what is read may be of an object
/// that is gone there.
public final class CachedStorage: Storage {
    private let base: any Storage
    private let policy: CachePolicy
    private let limits: CacheLimits
    private let files: CacheFiles
    /// One object at a time is fetched whole, so that whoever else wants it waits, and that memory
    /// holds one.
    private let fetching = Mutex(())
    /// What could not be kept, and is read piece by piece.
    private let unkeepable = Mutex<Set<String>>([])

    /// Keeps in `directory`, which is made when something is kept, what `policy` says.
    public init(
        _ base: any Storage, directory: String, limits: CacheLimits = CacheLimits(),
        _ policy: @escaping CachePolicy
    ) {
        (self.base, self.policy, self.limits) = (base, policy, limits)
        files = CacheFiles(directory, limits)
    }

    public var location: String { base.location }
    public var connections: Int { base.connections }
    public var keeps: Copies { base.keeps }
    public var unkept: any Storage { base.unkept }

    public func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8] {
        guard copy == .first, let rule = policy(name) else {
            return try base.get(name, limit: limit, copy: copy)
        }
        guard let digest = rule.digest else {
            let bytes = try base.get(name, limit: limit, copy: copy)
            if rule.moments.contains(.read) { files.add(name, rule.share, bytes) }
            return bytes
        }
        return try get(name, limit: limit, rule, digest)
    }

    public func get(_ name: String, limit: Int, digest: [UInt8]) throws(StorageError) -> [UInt8] {
        guard let rule = policy(name) else { return try base.get(name, limit: limit) }
        return try get(name, limit: limit, rule, digest)
    }

    private func get(
        _ name: String, limit: Int, _ rule: CacheRule, _ digest: [UInt8]
    ) throws(StorageError) -> [UInt8] {
        if let kept = files.bytes(name, rule.share, digest: digest, limit: limit) { return kept }
        let bytes = try base.get(name, limit: limit)
        if rule.moments.contains(.read) { files.add(name, rule.share, bytes) }
        return bytes
    }

    public func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        guard let kept = try kept(name) else {
            return try base.read(name, at: offset, into: buffer)
        }
        do throws(StorageError) {
            try kept.read(name, at: offset, into: buffer)
        } catch  where error.kind != .truncated {
            try base.read(name, at: offset, into: buffer)
        }
    }

    /// The file with the bytes of an object, which is fetched when it is to be kept.
    private func kept(_ name: String) throws(StorageError) -> OpenFile? {
        guard let rule = policy(name), let digest = rule.digest else { return nil }
        if let file = files.file(name, rule.share, digest: digest) { return file }
        guard rule.moments.contains(.read), !isUnkeepable(name) else { return nil }
        return try fetching.withLock { _ throws(StorageError) in
            // Whoever was here before may have fetched it.
            if let file = files.file(name, rule.share, digest: digest) { return file }
            if isUnkeepable(name) { return nil }
            do throws(StorageError) {
                let bytes = try base.get(name, limit: limits.objectBytes)
                if files.add(name, rule.share, bytes),
                    let file = files.file(name, rule.share, digest: digest)
                {
                    return file
                }
            } catch  where error.kind == .missing {
                throw error
            } catch {}
            // It is damaged, too long, or there is no room: what can be read of it is.
            unkeepable.withLock { _ = $0.insert(name) }
            return nil
        }
    }

    private func isUnkeepable(_ name: String) -> Bool { unkeepable.withLock { $0.contains(name) } }

    public func size(of name: String) throws(StorageError) -> Int { try base.size(of: name) }

    public func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) {
        try base.put(name, bytes, copies: copies)
        if let rule = policy(name), rule.moments.contains(.put) {
            files.add(name, rule.share, bytes)
        }
    }

    public func put(
        _ name: String, contentsOf file: borrowing File, bytes: Int
    ) throws(StorageError) {
        try base.put(name, contentsOf: file, bytes: bytes)
    }

    public func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError) {
        forget(name)
        try base.replace(copy, of: name, by: bytes)
    }

    public func create(
        _ name: String, _ bytes: [UInt8], copies: Copies
    ) throws(StorageError) -> Bool {
        try base.create(name, bytes, copies: copies)
    }

    public func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        try base.list(prefix, after: after)
    }

    public func times(of names: [String]) throws(StorageError) -> [String: Int64] {
        try base.times(of: names)
    }

    public func settle(_ prefix: String) throws(StorageError) { try base.settle(prefix) }

    public func remove(_ name: String) throws(StorageError) {
        forget(name)
        try base.remove(name)
    }

    private func forget(_ name: String) {
        if let rule = policy(name) { files.remove(name, rule.share) }
    }

    /// Grows where it will be kept, so that nothing is written twice; in the storage's own way where
    /// nothing can be made there.
    public func stage() throws(StorageError) -> any StagedObject {
        do throws(StorageError) {
            return try StagedUpload(in: files.directory(of: .data), to: base) {
                [files, policy] path, name in
                guard let rule = policy(name), rule.moments.contains(.put) else { return false }
                return files.adopt(path, as: name, rule.share)
            }
        } catch {
            return try base.stage()
        }
    }
}
