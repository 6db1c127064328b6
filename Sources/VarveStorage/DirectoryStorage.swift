import Glibc
import Synchronization
import VarveSystem

/// Objects as files below one directory of a local or network file system.
public final class DirectoryStorage: Storage {
    public let location: String
    let directories: DurableDirectories
    private let openFiles = OpenFiles(limit: 32)

    /// Where packs grow.
    private static let stagingDirectory = "packs"

    /// `.missing` when there is no directory at `path` and `create` is false; a new one is readable
    /// by its owner only.
    public init(path: String, create: Bool) throws(StorageError) {
        location = path
        directories = DurableDirectories(root: path)
        try StorageError.wrapping(path) { () throws(SystemError) in
            if create { try directories.makeRoot() }
            if try File.status(of: path).kind != .directory {
                throw SystemError(.openDirectory, path, errno: ENOTDIR)
            }
        }
    }

    func path(_ name: String) -> String { location + "/" + name }

    public func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8] {
        try StorageName.check(name)
        let path = path(StorageName.path(name, copy))
        return try wrapping(name) { () throws(StorageError) in
            let file = try StorageError.wrapping(name) { () throws(SystemError) in
                try File.openToRead(path)
            }
            let size = try StorageError.wrapping(name) { () throws(SystemError) in try file.size }
            if size > limit { throw .tooLarge(name, bytes: size, limit: limit) }
            return try StorageError.wrapping(name) { () throws(SystemError) in
                try file.contents(limit: limit)
            }
        }
    }

    public func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try StorageName.check(name)
        let path = path(name)
        try wrapping(name) { () throws(StorageError) in
            let open = try StorageError.wrapping(name) { () throws(SystemError) in
                try openFiles.file(name, at: path)
            }
            try open.read(name, at: offset, into: buffer)
        }
    }

    public func size(of name: String) throws(StorageError) -> Int {
        try StorageName.check(name)
        return try wrapping(name) { () throws(StorageError) in
            guard let status = try status(name) else { throw .missing(name) }
            return Int(status.size)
        }
    }

    public func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) {
        try StorageName.check(name)
        try wrapping(name) { () throws(StorageError) in
            try put(file: name, bytes)
            if copies == .two { try put(file: StorageName.path(name, .second), bytes) }
        }
    }

    public func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError) {
        try StorageName.check(name)
        try wrapping(name) { () throws(StorageError) in
            try replace(file: StorageName.path(name, copy), bytes)
        }
    }

    public func create(
        _ name: String, _ bytes: [UInt8], copies: Copies
    ) throws(StorageError) -> Bool {
        try StorageName.check(name)
        return try wrapping(name) { () throws(StorageError) in
            try createFiles(name, bytes, copies)
        }
    }

    public func remove(_ name: String) throws(StorageError) {
        try StorageName.check(name)
        openFiles.forget(name)
        for copy in Copy.allCases {
            do throws(SystemError) {
                try File.remove(path(StorageName.path(name, copy)))
            } catch  where !error.isMissing {
                throw StorageError(error, name)
            } catch {}
        }
        // Also when nothing was there: an earlier call may have failed between the two.
        try syncRemoval(of: name)
        try checkRoot()
        directories.tidyProbe(name)
    }

    public func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        try StorageName.checkPrefix(prefix)
        try checkRoot()
        return try DirectoryListing(root: location, after: after).objects(below: prefix)
    }

    public func times(of names: [String]) throws(StorageError) -> [String: Int64] {
        try checkRoot()
        var times: [String: Int64] = [:]
        for name in names {
            try StorageName.check(name)
            for copy in Copy.allCases {
                guard let status = try status(StorageName.path(name, copy)) else { continue }
                times[name] = min(times[name] ?? .max, status.mtime)
            }
        }
        return times
    }

    public func settle(_ prefix: String) throws(StorageError) {
        try StorageName.checkPrefix(prefix)
        try wrapping(prefix) { () throws(StorageError) in
            try StorageError.wrapping(prefix) { () throws(SystemError) in
                try directories.sync(prefix.isEmpty ? "." : String(prefix.dropLast()))
            }
        }
    }

    public func stage() throws(StorageError) -> any StagedObject {
        try wrapping(Self.stagingDirectory) { () throws(StorageError) in
            let name = Self.stagingDirectory + "/" + StorageName.temporaryPrefix + randomName()
            let file = try createTemporary(name)
            return StagedFile(file, temporary: name, in: self)
        }
    }
}

extension DirectoryStorage {
    /// So that a key that was removed opens nothing after a power cut either.
    private func syncRemoval(of name: String) throws(StorageError) {
        do throws(SystemError) {
            try directories.sync(File.parent(of: name))
        } catch  where !error.isMissing {
            throw StorageError(error, name)
        } catch {}
    }

    /// Nil when nothing has the name.
    func status(_ name: String) throws(StorageError) -> FileStatus? {
        do throws(SystemError) {
            return try File.status(of: path(name))
        } catch  where error.isMissing {
            return nil
        } catch {
            throw StorageError(error, name)
        }
    }

    /// Lets no read meet what had the name before.
    func forgetOpen(_ name: String) { openFiles.forget(name) }

    /// A missing storage is not to be mistaken for a storage without the object.
    private func checkRoot() throws(StorageError) {
        do throws(SystemError) {
            _ = try File.status(of: location)
        } catch  where error.isMissing {
            throw StorageError(.missing, location, "there is no directory of this name")
        } catch {
            throw StorageError(error, location)
        }
    }

    /// Says so when something is missing because the whole storage is.
    private func wrapping<Answer: ~Copyable>(
        _ name: String, _ body: () throws(StorageError) -> Answer
    ) throws(StorageError) -> Answer {
        do throws(StorageError) {
            return try body()
        } catch  where error.kind == .missing {
            try checkRoot()
            throw .missing(name)
        }
    }
}

extension StorageError {
    /// Turns the error of a file call into one about an object.
    static func wrapping<Answer: ~Copyable>(
        _ name: String, _ body: () throws(SystemError) -> Answer
    ) throws(StorageError) -> Answer {
        do throws(SystemError) {
            return try body()
        } catch {
            throw StorageError(error, name)
        }
    }
}
