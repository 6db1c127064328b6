import TestSupport
import VarveCodec
import VarveCrypto
import VarveRepository
import VarveStorage
import VarveSystem

/// A directory of its own, removed at the end, with room for a repository that `secret` opens.
final class Scratch: Sendable {
    private let directory: ScratchDirectory
    let secret: SecretBytes
    var path: String { directory.path }
    var repository: String { path + "/repository" }
    var source: String { path + "/source" }
    var keyFile: String { path + "/key" }

    private var directories: LocalDirectories {
        LocalDirectories(cache: path + "/cache", state: path + "/state")
    }

    init() throws {
        directory = try ScratchDirectory()
        secret = try SecretBytes.random(byteCount: 32)
        try File.makeDirectory(source)
        try write(keyFile, KeyFile.text(secret, comment: ["of a test"]))
    }

    func create(_ options: CreationOptions = CreationOptions()) throws -> Repository {
        try Repository.create(
            in: try DirectoryStorage(path: repository, create: true), options: options,
            directories: directories, secret: { _ in .keyFile(secret) })
    }

    func open(with other: SlotSecret? = nil) throws -> Repository {
        try Repository.open(
            try DirectoryStorage(path: repository, create: false),
            secret: other ?? .keyFile(secret), directories: directories)
    }

    /// Writes a file at a full path, and the directories above it.
    func write(_ path: String, _ bytes: [UInt8]) throws {
        try File.makeDirectories(File.parent(of: path))
        try File.createOrTruncate(path, mode: 0o644).write(bytes)
    }
}

/// Copies the regular files below a directory.
func copyTree(_ path: String, to target: String) throws {
    try File.makeDirectories(target)
    let directory = try File.openDirectory(path)
    for entry in try directory.entries() {
        let name = String(decoding: entry.name, as: UTF8.self)
        if try directory.status(of: entry.name, follow: false).kind == .directory {
            try copyTree(path + "/" + name, to: target + "/" + name)
        } else {
            let file = try File.createOrTruncate(target + "/" + name, mode: 0o600)
            try file.write(try File.contents(of: path + "/" + name, limit: 1 << 26))
        }
    }
}
