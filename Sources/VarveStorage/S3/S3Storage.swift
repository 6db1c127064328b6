import Synchronization
public import VarveAWS
import VarveCrypto
import VarveHTTP
public import VarveSystem

/// Objects of a bucket, at any server that speaks S3 (see docs/STORAGE.md).
public final class S3Storage: Storage {
    private let bucket: S3Bucket
    /// Where objects grow before they are put.
    private let staging: String
    /// Second copies that a listing showed: somebody has put a directory's files into the bucket.
    private let copies = Mutex<Set<String>>([])

    /// `staging` is a directory of this machine, made when something grows in it.
    public init(
        _ location: S3Location, _ options: S3Options = S3Options(),
        environment: AWSEnvironment = AWSEnvironment(), staging: String
    ) {
        bucket = S3Bucket(location, options, environment)
        self.staging = staging
    }

    public var location: String { bucket.location.text }
    public var connections: Int { bucket.options.connections }
    public var keeps: Copies { .one }

    /// Makes the bucket; false when it was there.
    public func makeBucket() throws(StorageError) -> Bool { try bucket.make() }

    /// Removes the bucket unless something lies in it.
    public func removeBucket() { bucket.removeEmpty() }

    public func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8] {
        try StorageName.check(name)
        if copy == .second, !copies.withLock({ $0.contains(name) }) { throw .missing(name) }
        var get = bucket.request(.get, StorageName.path(name, copy))
        get.headers.append(("X-Amz-Checksum-Mode", "ENABLED"))
        do throws(AWSError) {
            return try bucket.client.retrying { () throws(AWSError) in
                let answer = try bucket.client.attempt(get, limit: limit)
                try Self.check(answer)
                return answer.body
            }
        } catch  where error.code == AWSError.tooLarge {
            throw StorageError(.tooLarge, name, "it has more than \(limit) bytes")
        } catch {
            throw bucket.storageError(error, name)
        }
    }

    /// The bytes must be those that were put, where the server has kept their hash.
    private static func check(_ answer: HTTPResponse) throws(AWSError) {
        guard let hash = answer.headers["x-amz-checksum-sha256"].flatMap(ChecksumText.decode),
            hash.count == SHA256.byteCount, hash != SHA256.digest(answer.body)
        else { return }
        throw AWSError(
            code: "Altered", reason: "what arrived is not what was stored", isTransient: true)
    }

    public func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try StorageName.check(name)
        guard !buffer.isEmpty || offset < 0 else { return try checkEnd(name, at: offset) }
        guard offset >= 0, offset <= Int.max - buffer.count else {
            throw .truncated(name, at: offset, needed: buffer.count, has: try size(of: name))
        }
        var get = bucket.request(.get, name)
        get.headers.append(("Range", "bytes=\(offset)-\(offset + buffer.count - 1)"))
        let answer: HTTPResponse
        do throws(AWSError) {
            answer = try bucket.client.send(get, into: buffer)
        } catch  where error.status == 416 {
            throw .truncated(name, at: offset, needed: buffer.count, has: try size(of: name))
        } catch  where error.code == AWSError.tooLarge {
            throw unranged(name)
        } catch {
            throw bucket.storageError(error, name)
        }
        // Some servers, and what stands before them, have never heard of ranges.
        guard Self.isRange(answer, from: offset) else { throw unranged(name) }
        guard answer.byteCount == buffer.count else {
            throw .truncated(
                name, at: offset, needed: buffer.count, has: offset + answer.byteCount)
        }
    }

    /// Whether an answer is of the bytes from `offset` on; how many it must be is not asked here.
    private static func isRange(_ answer: HTTPResponse, from offset: Int) -> Bool {
        // Some say so, and have another status than 206.
        guard let range = answer.headers["content-range"] else {
            return answer.status != 206 && offset == 0
        }
        return range.hasPrefix("bytes \(offset)-\(offset + answer.byteCount - 1)/")
    }

    private func unranged(_ name: String) -> StorageError {
        StorageError(.refused, name, "the server does not answer ranges")
    }

    /// No bytes, which are there if the object reaches so far.
    private func checkEnd(_ name: String, at offset: Int) throws(StorageError) {
        let bytes = try size(of: name)
        if offset > bytes { throw .truncated(name, at: offset, needed: 0, has: bytes) }
    }

    public func size(of name: String) throws(StorageError) -> Int {
        try StorageName.check(name)
        do throws(AWSError) {
            let answer = try bucket.client.send(bucket.request(.head, name))
            guard let bytes = answer.headers["content-length"].flatMap({ Int($0) }), bytes >= 0
            else { throw AWSError(code: "Length", reason: "the server does not say its length") }
            return bytes
        } catch {
            throw bucket.storageError(error, name)
        }
    }

    public func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) {
        try replace(.first, of: name, by: bytes)
    }

    public func put(
        _ name: String, contentsOf file: borrowing File, bytes: Int
    ) throws(StorageError) {
        try StorageName.check(name)
        let size = try StorageError.wrapping(name) { () throws(SystemError) in try file.size }
        if bytes > size { throw .truncated(name, at: 0, needed: bytes, has: size) }
        try bucket.put(name, contentsOf: file, bytes: bytes)
    }

    public func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError) {
        try StorageName.check(name)
        var put = bucket.putting(
            .put, StorageName.path(name, copy), hash: SHA256.digest(bytes))
        put.body = .bytes(bytes)
        do throws(AWSError) {
            _ = try bucket.client.send(put)
        } catch {
            throw bucket.storageError(error, name)
        }
    }

    public func create(
        _ name: String, _ bytes: [UInt8], copies: Copies
    ) throws(StorageError) -> Bool {
        try StorageName.check(name)
        var put = bucket.putting(.put, name, hash: SHA256.digest(bytes))
        put.body = .bytes(bytes)
        put.headers.append(("If-None-Match", "*"))
        // Whether an answer was lost, so that what stands there may be what this call has made.
        var isUnclear = false
        do throws(AWSError) {
            return try bucket.client.retrying { () throws(AWSError) in
                do throws(AWSError) {
                    _ = try bucket.client.attempt(put, limit: 1 << 16)
                    return true
                } catch  where error.status == 412 {
                    return isUnclear ? try holds(name, bytes) ?? false : false
                } catch {
                    isUnclear = isUnclear || error.isTransient
                    throw error
                }
            }
        } catch {
            if isUnclear,
                let found = try? bucket.client.retrying({ () throws(AWSError) in
                    try holds(name, bytes)
                })
            {
                return found
            }
            throw bucket.storageError(error, name)
        }
    }

    /// Whether an object has these bytes, asked once; nil when there is none.
    private func holds(_ name: String, _ bytes: [UInt8]) throws(AWSError) -> Bool? {
        do throws(AWSError) {
            let get = bucket.request(.get, name)
            return try bucket.client.attempt(get, limit: bytes.count).body == bytes
        } catch  where error.code == AWSError.tooLarge {
            return false
        } catch  where error.status == 404 {
            return nil
        }
    }

    public func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        try StorageName.checkPrefix(prefix)
        return try bucket.list(prefix, after: after) { copy in
            copies.withLock { _ = $0.insert(copy) }
        }
    }

    public func times(of names: [String]) throws(StorageError) -> [String: Int64] {
        guard let first = names.min(by: StorageName.precedes) else { return [:] }
        for name in names { try StorageName.check(name) }
        let wanted = Set(names)
        let prefix = String(
            first[..<(first.lastIndex(of: "/").map(first.index(after:)) ?? first.startIndex)])
        // Names are plain ASCII; one that lacks the last character stands before all that begin so.
        let before = String(first.dropLast())
        let listed = try list(prefix, after: before.utf8.count > prefix.utf8.count ? before : nil)
        var times: [String: Int64] = [:]
        for object in listed where wanted.contains(object.name) {
            times[object.name] = object.modified
        }
        return times
    }

    public func remove(_ name: String) throws(StorageError) {
        try StorageName.check(name)
        let hasCopy = copies.withLock { $0.contains(name) }
        for copy in hasCopy ? Copy.allCases : [.first] {
            do throws(AWSError) {
                _ = try bucket.client.send(bucket.request(.delete, StorageName.path(name, copy)))
            } catch {
                if error.code == "NoSuchKey" || error.code == "NotFound" { continue }
                throw bucket.storageError(error, name)
            }
        }
    }

    /// Among the temporary files where nothing can be made in its own directory.
    public func stage() throws(StorageError) -> any StagedObject {
        do throws(StorageError) {
            return try StagedUpload(in: staging, to: self)
        } catch {
            let temporary = Environment.value("TMPDIR") ?? "/tmp"
            guard let staged = try? StagedUpload(in: temporary, to: self) else { throw error }
            return staged
        }
    }
}
