public import VarveFormat
public import VarveRepository
public import VarveSystem

/// The kinds of archives that a directory can be dumped as.
public enum ArchiveFormat: String, Sendable, CaseIterable {
    case tar
    case zip
}

/// Writes all that is in the directory at `path` (the whole snapshot when empty) to `output`, as one
/// archive.
///
/// Each chunk is hashed again before a byte of it is written. When something cannot be read, the
/// archive ends there, and looks broken to every program. What the format cannot hold is told to `observer`.
public func dumpArchive(
    _ path: [[UInt8]], of entry: RepositoryState.SnapshotEntry, _ repository: Repository,
    as format: ArchiveFormat, to output: borrowing File, progress: Progress,
    observer: @escaping ArchiveObserver
) throws {
    var tree = try SnapshotTree(repository, entry)
    let node = try tree.find(path)
    guard node == nil || node?.kind == .directory else {
        throw RepositoryError.notFound("it is no directory; only directories become archives")
    }
    if path.isEmpty {
        progress.expect(files: tree.manifest.counts.files, bytes: tree.manifest.counts.bytes)
    }
    let plan = ArchivePlan(
        directory: node, content: tree.content(of: node), repository: repository,
        progress: progress, observer: observer)
    do {
        switch format {
        case .tar: try plan.writeTar(to: output)
        case .zip: try plan.writeZip(to: output)
        }
    } catch {
        try? output.write(brokenEnd)
        throw error
    }
}

/// A block that is no header of any member, so that no program takes an archive that an error ended
/// for a whole one, not even where nothing or nothing but whole members came before.
private let brokenEnd: [UInt8] = {
    let text = Array("varve: this archive is incomplete, an error ended it\n".utf8)
    return text + [UInt8](repeating: 0, count: TarHeader.blockBytes - text.count)
}()

/// What becomes an archive.
struct ArchivePlan: Sendable {
    /// Nil for the root of a snapshot, which has no attributes.
    let directory: Node?
    let content: Content
    let repository: Repository
    let progress: Progress
    let observer: ArchiveObserver

    func note(_ path: [UInt8], _ reason: String) {
        observer(.noted(path: RawText.text(path), reason: reason))
    }

    func show(_ node: Node, _ path: [UInt8]) {
        guard node.kind == .file else { return }
        progress.add(files: 1)
        progress.show(String(decoding: path, as: UTF8.self))
    }
}
