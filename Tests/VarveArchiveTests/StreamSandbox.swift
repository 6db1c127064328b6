import TestSupport
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

extension Sandbox {
    /// Takes a snapshot of `bytes` as the stream `name`.
    @discardableResult
    func stream(
        _ bytes: [UInt8], _ repository: Repository, name: String = "stream", time: Int64 = 1,
        confirm: @escaping @Sendable () throws -> Void = {}
    ) throws -> SnapshotReport {
        let path = path + "/" + randomName()
        defer { try? File.remove(path) }
        let file = try File.createExclusively(path)
        try file.write(bytes)
        return try takeSnapshot(
            of: .stream(
                name: name, kind: .stdin, StreamInput(try File.openToRead(path)), confirm: confirm),
            into: repository, options(time))
    }

    /// The bytes that `dump` gives of the newest snapshot's stream.
    func dumped(_ repository: Repository, name: String = "stream") throws -> [UInt8] {
        try dumped(repository, at: name)
    }

    /// The bytes that `dump` gives of a file of the newest snapshot.
    func dumped(_ repository: Repository, at name: String) throws -> [UInt8] {
        let entry = try newest(repository)
        let path = path + "/" + randomName()
        defer { try? File.remove(path) }
        let file = try File.createExclusively(path)
        let names = name.split(separator: "/").map { Array($0.utf8) }
        _ = try dump(names, of: entry, repository, to: file, progress: Progress())
        return try File.contents(of: path, limit: 1 << 30)
    }

    func newest(_ repository: Repository) throws -> RepositoryState.SnapshotEntry {
        try repository.refresh()
        return try SnapshotReference(choice: .latest(back: 0)).resolve(repository.state.snapshots)
    }

    /// The chunks of the newest snapshot's stream.
    func cuts(_ repository: Repository, name: String = "stream") throws -> [Content.Entry] {
        var tree = try SnapshotTree(repository, try newest(repository))
        var reader = try ChunkReader(repository)
        guard let content = try tree.find([Array(name.utf8)])?.content else { return [] }
        return try chunks(of: content, &reader)
    }
}

/// Bytes of which some parts return: 64 KiB stretches chosen from a few.
func repeats(_ count: Int, seed: UInt64) -> [UInt8] {
    let parts = (0..<24).map { noise(64 << 10, seed: seed &* 31 &+ UInt64($0)) }
    var state = seed | 1
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + (64 << 10))
    while bytes.count < count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let part = parts[Int(state >> 33) % parts.count]
        bytes += part.prefix(1 + Int(state >> 40) % part.count)
    }
    bytes.removeLast(bytes.count - count)
    return bytes
}
