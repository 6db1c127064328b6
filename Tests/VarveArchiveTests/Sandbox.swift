import VarveArchive
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

/// A directory of its own with a repository beside it, removed at the end.
final class Sandbox: Sendable {
    let path: String
    let storage: any Storage
    let directories: LocalDirectories
    let secret: SlotSecret
    var source: String { path + "/source" }
    var target: String { path + "/target" }

    init(storage: (any Storage)? = nil) throws {
        let root = Environment.value("TMPDIR") ?? "/tmp"
        path = root + "/varve-test-" + randomName(byteCount: 8)
        try File.makeDirectory(path)
        try File.makeDirectory(path + "/source")
        self.storage = try storage ?? DirectoryStorage(path: path + "/repository", create: true)
        directories = LocalDirectories(cache: path + "/cache", state: path + "/state")
        secret = .keyFile(try SecretBytes.random(byteCount: 32))
    }

    deinit {
        // Paths of trees that are very deep are too long for the quick way.
        if (try? Self.removeAll(path)) == nil {
            _ = try? ChildProcess("rm", ["-rf", "--", path]).wait()
        }
    }

    static func removeAll(_ path: String) throws {
        let directory = try File.openDirectory(path)
        for entry in try directory.entries() {
            if entry.kind == .directory {
                try? directory.setMode(entry.name, 0o700)
                try removeAll(directory.path(of: entry.name))
            } else {
                try directory.remove(entry.name)
            }
        }
        try File.removeDirectory(path)
    }

    func create(_ options: CreationOptions = CreationOptions()) throws -> Repository {
        try Repository.create(
            in: storage, options: options, directories: directories, secret: { _ in secret })
    }

    func open() throws -> Repository {
        try Repository.open(storage, secret: secret, directories: directories)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let path = source + "/" + name
        try File.makeDirectories(File.parent(of: path))
        let file = try File.createOrTruncate(path, mode: 0o644)
        try file.write(bytes)
    }

    func options(_ time: Int64 = 1) -> SnapshotOptions {
        SnapshotOptions(time: time, host: "host", user: "user", program: "test")
    }

    @discardableResult
    func snapshot(
        _ repository: Repository, time: Int64 = 1,
        _ change: (inout SnapshotOptions) -> Void = { _ in }
    ) throws -> SnapshotReport {
        var options = options(time)
        change(&options)
        return try takeSnapshot(of: .paths([source]), into: repository, options)
    }

    func restore(
        _ repository: Repository, into target: String? = nil
    ) throws -> RestoreReport {
        try repository.refresh()
        let entry = try SnapshotReference(choice: .latest(back: 0)).resolve(
            repository.state.snapshots)
        let path = source.split(separator: "/").map { Array($0.utf8) }
        return try VarveArchive.restore(
            entry, of: repository, RestoreOptions(target: target ?? self.target, path: path),
            progress: Progress(), observer: { _ in })
    }
}

/// Every entry below a directory: its kind, mode, time and content, by relative path.
func listing(_ path: String) throws -> [String: String] {
    var found: [String: String] = [:]
    func list(_ path: String, _ prefix: String) throws {
        let directory = try File.openDirectory(path)
        for entry in try directory.entries() {
            let status = try directory.status(of: entry.name, follow: false)
            let name = prefix + String(decoding: entry.name, as: UTF8.self)
            var text = "\(status.kind) \(String(status.mode, radix: 8)) \(status.mtime)"
            switch status.kind {
            case .regular:
                let bytes = try directory.openFile(entry.name).contents(limit: 1 << 30)
                text += " \(bytes.count) \(Hex.encode(SHA256.digest(bytes)))"
            case .symlink:
                text += " " + String(decoding: try directory.readLink(entry.name), as: UTF8.self)
            case .directory: try list(directory.path(of: entry.name), name + "/")
            default: break
            }
            found[name] = text
        }
    }
    try list(path, "")
    return found
}

/// Bytes that repeat with every seed and hardly compress.
func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    let words = (count + 7) / 8
    var bytes = [UInt8](unsafeUninitializedCapacity: words * 8) { buffer, filled in
        for word in 0..<words {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            UnsafeMutableRawBufferPointer(buffer).storeBytes(
                of: (state &* 0x2545_F491_4F6C_DD1D).littleEndian, toByteOffset: word * 8,
                as: UInt64.self)
        }
        filled = words * 8
    }
    bytes.removeLast(bytes.count - count)
    return bytes
}

/// Lines of text, each with its number and some of the seed.
func lines(_ count: Int, seed: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for line in 0..<count {
        let word = UInt64(line &* 2_654_435_761 &+ seed &* 40_503) % 1_000_003
        bytes += Array("row \(line) holds \(word) of \(word &* 7 % 911)\n".utf8)
    }
    return bytes
}
