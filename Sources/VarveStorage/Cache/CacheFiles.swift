import Synchronization
import VarveCrypto
import VarveSystem

/// Objects of a far storage as files of this machine, in a directory that several processes share.
///
/// Nothing in it is believed before its SHA-256 was compared, and nothing that fails here is an error:
/// then there is no cache.
final class CacheFiles: Sendable {
    private let directory: String
    private let limits: CacheLimits
    private let openFiles = OpenFiles(limit: 32)
    /// Files whose bytes this process has compared with their digest.
    private let verified = Mutex<Set<String>>([])
    /// Bytes that this process has added to each share since it last looked how many there are.
    private let added: Mutex<[CacheRule.Share: Int]>

    /// Unfinished files older than this, in nanoseconds, belong to programs that were killed.
    private static let unfinishedAge: Int64 = 24 * 3600 * 1_000_000_000
    /// The part of a share that is added before the next look at what there is.
    private static let lookShare = 16

    init(_ directory: String, _ limits: CacheLimits) {
        (self.directory, self.limits) = (directory, limits)
        // Whoever was here before may have left more than there is room for now.
        added = Mutex(
            Dictionary(uniqueKeysWithValues: CacheRule.Share.allCases.map { ($0, Int.max) }))
    }

    /// Where the files of a share lie, and grow.
    func directory(of share: CacheRule.Share) -> String { directory + "/" + share.rawValue }

    private func path(_ name: String, _ share: CacheRule.Share) -> String {
        directory(of: share) + "/" + String(name.split(separator: "/").last ?? "")
    }

    /// The file of an object, when its bytes have that digest; one that has not is removed.
    func file(_ name: String, _ share: CacheRule.Share, digest: [UInt8]) -> OpenFile? {
        let path = path(name, share)
        guard let found = try? openFiles.file(name, at: path) else { return nil }
        if verified.withLock({ $0.contains(name) }) { return found }
        guard (try? found.file.digest())?.digest == digest else {
            remove(name, share)
            return nil
        }
        // Those used last are kept longest.
        try? found.file.setTimes(mtimeNanoseconds: Clock.wallNanoseconds())
        verified.withLock { _ = $0.insert(name) }
        return found
    }

    /// The bytes of an object that has at most `limit` of them, under the same condition.
    func bytes(
        _ name: String, _ share: CacheRule.Share, digest: [UInt8], limit: Int
    ) -> [UInt8]? {
        guard let file = try? File.openToRead(path(name, share)),
            let bytes = try? file.contents(limit: limit)
        else { return nil }
        guard SHA256.digest(bytes) == digest else {
            remove(name, share)
            return nil
        }
        try? file.setTimes(mtimeNanoseconds: Clock.wallNanoseconds())
        return bytes
    }

    /// Keeps the bytes of an object; false when that cannot be.
    @discardableResult
    func add(_ name: String, _ share: CacheRule.Share, _ bytes: [UInt8]) -> Bool {
        let temporary = directory(of: share) + "/" + StorageName.temporaryPrefix + randomName()
        do {
            try File.makeDirectories(directory(of: share))
            makeRoom(for: bytes.count, in: share)
            let file = try File.createExclusively(temporary, mode: 0o600)
            // Not synced: what a crash tears does not fit its digest.
            try file.write(bytes)
            try file.close()
        } catch {
            try? File.remove(temporary)
            return false
        }
        return take(temporary, as: name, share)
    }

    /// Keeps a file that lies in the directory of its share already; false when that cannot be.
    func adopt(_ file: String, as name: String, _ share: CacheRule.Share) -> Bool {
        guard let status = try? File.status(of: file) else { return false }
        makeRoom(for: Int(status.size), in: share)
        return take(file, as: name, share)
    }

    private func take(_ file: String, as name: String, _ share: CacheRule.Share) -> Bool {
        do {
            try File.makeDirectories(directory(of: share))
            try File.rename(file, to: path(name, share))
        } catch {
            try? File.remove(file)
            return false
        }
        forget(name)
        return true
    }

    func remove(_ name: String, _ share: CacheRule.Share) {
        forget(name)
        try? File.remove(path(name, share))
    }

    private func forget(_ name: String) {
        openFiles.forget(name)
        verified.withLock { _ = $0.remove(name) }
    }

    /// Removes what was not used for longest, so that a share stays within its bound.
    private func makeRoom(for bytes: Int, in share: CacheRule.Share) {
        let isDue = added.withLock { added in
            let (sum, isOver) = added[share, default: 0].addingReportingOverflow(bytes)
            let isDue = isOver || sum > limits.bytes(of: share) / Self.lookShare
            added[share] = isDue ? 0 : sum
            return isDue
        }
        guard isDue else { return }
        let directory = directory(of: share)
        StagedUpload.removeUnfinished(
            in: directory, before: Clock.wallNanoseconds() - Self.unfinishedAge)
        guard let files = try? ShareFiles(directory) else { return }
        let free = (try? File.freeBytes(at: directory)) ?? 0
        let most = min(limits.bytes(of: share), (free + files.bytes) / limits.freeShare)
        // As much again may come before the next look.
        files.removeOldest(downTo: most - most / Self.lookShare - bytes)
    }
}

/// The finished files of one share.
private struct ShareFiles: ~Copyable {
    private let directory: File
    private var files: [(name: [UInt8], bytes: Int, used: Int64)] = []
    private(set) var bytes = 0

    init(_ path: String) throws(SystemError) {
        let directory = try File.openDirectory(path)
        let entries = try directory.entries()
        self.directory = directory
        for entry in entries
        where !entry.name.starts(with: StorageName.temporaryPrefix.utf8) {
            guard let status = try? self.directory.status(of: entry.name, follow: false)
            else { continue }
            files.append((entry.name, Int(status.size), status.mtime))
            bytes += Int(status.size)
        }
    }

    func removeOldest(downTo most: Int) {
        var rest = bytes
        for file in files.sorted(by: { $0.used < $1.used }) {
            guard rest > most else { return }
            try? directory.remove(file.name)
            rest -= file.bytes
        }
    }
}
