import VarveArchive
public import VarveFormat
public import VarveRepository
import VarveSystem

/// One section of a JSON file, brought back from a snapshot into the file as it is now.
public struct JSONSection: Sendable {
    private let live: JSONFile
    private let bytes: [UInt8]
    /// Lines, as of a unified diff, that tell what changes; empty when nothing does.
    public let difference: [String]

    /// `path` leads to the file in the snapshot, `target` is the file that gets the section.
    ///
    /// Nothing is written yet. Throws `SourceError` when either is no JSON, or there is no such section.
    public init(
        _ pointer: JSONPointer, of path: [[UInt8]], in entry: RepositoryState.SnapshotEntry,
        _ repository: Repository, to target: String
    ) throws {
        let old = try JSONText.stored(path, entry, repository)
        guard let section = pointer.value(in: old) else {
            throw SourceError("there is no \(pointer) in the file of the snapshot")
        }
        let live = try JSONFile(try File.realPath(target))
        bytes = try JSONSplice(pointer, of: live.text, path: live.path)
            .text(with: old.bytes[section.range])
        let before = pointer.value(in: live.text).map { JSONLines.lines(of: $0, in: live.text) }
        self.live = live
        difference = LineDiff(before ?? [], JSONLines.lines(of: section, in: old))
            .unified(context: 3)
    }

    /// Replaces the file at once, with its mode and owner; when it was written to since it was read nothing
    /// is changed.
    public func write() throws {
        let replacement = try ReplacementFile(of: live.path, mode: 0o600)
        try replacement.file.write(bytes)
        let status = live.status
        let own = try replacement.file.status()
        if (own.uid, own.gid) != (status.uid, status.gid) {
            try replacement.file.setOwner(uid: status.uid, gid: status.gid)
        }
        for attribute in try File.openToRead(live.path).extendedAttributes() {
            try replacement.file.setExtendedAttribute(attribute.name, attribute.value)
        }
        try replacement.file.setMode(status.mode)
        try replacement.takePlace {
            guard try File.status(of: live.path) == status else {
                throw SourceError(
                    "\(live.path) was written to meanwhile, and is as it is; run the command again")
            }
        }
    }
}

extension JSONText {
    /// The text of a JSON file in a snapshot.
    static func stored(
        _ path: [[UInt8]], _ entry: RepositoryState.SnapshotEntry, _ repository: Repository
    ) throws -> JSONText {
        var tree = try SnapshotTree(repository, entry)
        let shown = "/" + path.map(RawText.text).joined(separator: "/")
        guard let node = try tree.find(path), node.kind == .file, let content = node.content else {
            throw RepositoryError.notFound("\(shown) is no file of the snapshot")
        }
        guard content.size <= JSONFile.bytesMax else {
            throw SourceError("\(shown) is larger than \(JSONFile.bytesMax >> 20) MiB")
        }
        var reader = try ChunkReader(repository)
        let bytes = try reader.bytes(of: content, limit: JSONFile.bytesMax)
        do {
            return try JSONText(bytes)
        } catch {
            throw SourceError("\(shown) is no JSON: \(error)")
        }
    }
}
