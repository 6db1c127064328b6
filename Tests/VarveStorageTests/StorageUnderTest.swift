import TestSupport
import Testing
import VarveStorage
import VarveSystem

/// Every storage and decorator, each made fresh for one test.
enum StorageUnderTest: CaseIterable, Sendable {
    case directory, memory, decoratedDirectory, decoratedMemory, cachedMemory, cachedDirectory
    /// Below a prefix of its own, at the server that this run was given.
    case bucket

    /// The bucket is left out where there is no server.
    static let allCases = local + (S3Server.isThere ? [.bucket] : [])
    static let local: [StorageUnderTest] = [
        .directory, .memory, .decoratedDirectory, .decoratedMemory, .cachedMemory,
        .cachedDirectory,
    ]

    func with(_ body: (any Storage) throws -> Void) throws {
        switch self {
        case .memory: try body(MemoryStorage())
        case .decoratedMemory: try body(FaultyStorage(MemoryStorage()))
        case .directory: try withDirectoryStorage { storage, _ in try body(storage) }
        case .decoratedDirectory:
            try withDirectoryStorage { storage, _ in try body(FaultyStorage(storage)) }
        case .bucket: try body(try #require(S3Server.current).storage())
        case .cachedMemory:
            try withTemporaryDirectory { try body(Self.cached(MemoryStorage(), $0)) }
        case .cachedDirectory:
            try withDirectoryStorage { storage, path in
                try body(Self.cached(storage, path + ".cache"))
            }
        }
    }

    /// Keeps whatever is read, and believes it of nobody who does not know its digest.
    private static func cached(_ storage: any Storage, _ directory: String) -> any Storage {
        CachedStorage(storage, directory: directory) { _ in
            CacheRule(.metadata, kept: [.read, .put], digest: nil)
        }
    }
}

/// A directory storage in a directory of its own, which is removed afterwards.
func withDirectoryStorage(_ body: (DirectoryStorage, String) throws -> Void) throws {
    try withTemporaryDirectory { path in
        let root = path + "/repository"
        try body(DirectoryStorage(path: root, create: true), root)
    }
}

func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    let scratch = try ScratchDirectory()
    try withExtendedLifetime(scratch) { try body(scratch.path) }
}

/// All file names below a directory, unfinished ones included, sorted.
func filesBelow(_ path: String, prefix: String = "") throws -> [String] {
    let directory = try File.openDirectory(path)
    var names: [String] = []
    for entry in try directory.entries() {
        let name = String(decoding: entry.name, as: UTF8.self)
        if entry.kind == .directory {
            names += try filesBelow(path + "/" + name, prefix: prefix + name + "/")
        } else {
            names.append(prefix + name)
        }
    }
    return names.sorted()
}

/// The kind of storage error that `body` throws; nil when it throws none.
func kindThrown(by body: () throws -> Void) -> StorageError.Kind? {
    do {
        try body()
        return nil
    } catch {
        return (error as? StorageError)?.kind
    }
}
