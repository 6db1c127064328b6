import Synchronization
public import VarveFormat
public import VarveRepository
import VarveSystem

/// Finds entries in snapshots: each version once, with the snapshots that hold it.
///
/// All snapshots are walked together, level by level, so that a piece of a directory is read once for each
/// path at which it stands, however many snapshots have it there.
public func find(
    _ query: FindQuery, in entries: [RepositoryState.SnapshotEntry], of repository: Repository
) throws -> FindReport {
    var finding = try Finding(repository, query)
    finding.report.snapshots = SnapshotReference.oldestFirst(entries)
    try repository.readManifests(finding.report.snapshots) { snapshot, manifest in
        switch manifest {
        case .success(let manifest): finding.begin(manifest.root.content, Holders(snapshot))
        case .failure(let error): finding.note([], error)
        }
    }
    while try finding.goDown() {}
    return finding.finish()
}

private struct Finding {
    var report = FindReport()
    private let repository: Repository
    private let query: FindQuery
    /// The directories of this level, by their numbers.
    private var paths: [TreePath] = [TreePath()]
    private var level = Level()

    init(_ repository: Repository, _ query: FindQuery) throws {
        self.repository = repository
        self.query = query
    }

    /// A piece of a directory, a list of pieces, or a whole directory that stands in its node.
    private struct Part {
        var path: Int
        /// The chunk, or the digest of the bytes.
        var id: ChunkID
        /// 0 for a piece, else it is a list of depth `levels` - 1.
        var levels = 0
        /// Bytes of the directory that it covers.
        var bytes: Int
        var literal: [UInt8]?
        var holders: Holders
    }

    /// The parts of all directories that are equally deep.
    private struct Level {
        private struct Key: Hashable {
            var path: Int
            var id: ChunkID
            var levels: Int
        }

        private var places: [Key: Int] = [:]
        /// By their levels, so that lists come before what they name.
        private(set) var parts: [[Part]] = []

        var isEmpty: Bool { parts.allSatisfy(\.isEmpty) }

        mutating func add(_ part: Part) {
            while parts.count <= part.levels { parts.append([]) }
            let key = Key(path: part.path, id: part.id, levels: part.levels)
            if let place = places[key] {
                parts[part.levels][place].holders.join(part.holders)
            } else {
                places[key] = parts[part.levels].count
                parts[part.levels].append(part)
            }
        }

        mutating func add(_ content: Content, path: Int, _ holders: Holders) {
            if let literal = content.literal {
                let digest = literal.withUnsafeBytes { ChunkID(digestOf: $0) }
                return add(
                    Part(
                        path: path, id: digest, bytes: literal.count, literal: literal,
                        holders: holders))
            }
            for entry in content.entries {
                add(
                    Part(
                        path: path, id: entry.id, levels: content.depth, bytes: entry.bytes,
                        holders: holders))
            }
        }
    }

    mutating func begin(_ root: Content, _ holders: Holders) {
        level.add(root, path: 0, holders)
    }

    mutating func note(_ path: [UInt8], _ error: RepositoryError) {
        report.issues.append(Issue(path: TreePath.text(path), reason: error.description))
    }

    /// Looks through one level; false when there was none.
    mutating func goDown() throws -> Bool {
        guard !level.isEmpty else { return false }
        let bytes = paths.map(\.bytes)
        var below = Below(above: paths)
        for levels in level.parts.indices.reversed() {
            // Lists may add to the levels beneath them.
            let parts = level.parts[levels]
            for start in stride(from: 0, to: parts.count, by: Self.partsTogether) {
                if Interrupts.isRequested { throw ArchiveError.interrupted }
                let batch = parts[start..<min(start + Self.partsTogether, parts.count)]
                for (part, found) in zip(batch, try read(Array(batch), at: bytes)) {
                    take(found, of: part, at: bytes[part.path], &below)
                }
            }
        }
        report.versions += below.versions
        (paths, level) = (below.paths, below.level)
        return true
    }

    /// Parts that are read at once; what is found in them is in memory.
    private static let partsTogether = 16 << 10

    private enum Found: Sendable {
        case entries(FoundEntries)
        case list([Content.Entry])
        case damaged(RepositoryError)
    }

    private mutating func take(
        _ found: Found, of part: Part, at path: [UInt8], _ below: inout Below
    ) {
        switch found {
        case .damaged(let error): note(path, error)
        case .list(let entries):
            for entry in entries {
                level.add(
                    Part(
                        path: part.path, id: entry.id, levels: part.levels - 1,
                        bytes: entry.bytes, holders: part.holders))
            }
        case .entries(let entries):
            for match in entries.matches { below.add(match, part.path, path, part.holders) }
            for (name, content) in entries.directories {
                below.level.add(content, path: below.number(name, in: part.path), part.holders)
            }
        }
    }

    private func read(_ parts: [Part], at paths: [[UInt8]]) throws -> [Found] {
        let found = Mutex([Found?](repeating: nil, count: parts.count))
        var requests: [ChunkRequest] = []
        for (tag, part) in parts.enumerated() {
            if let literal = part.literal {
                let answer = literal.withUnsafeBytes { look($0, part, at: paths[part.path]) }
                found.withLock { $0[tag] = answer }
            } else {
                requests.append(ChunkRequest(id: part.id, bytes: nil, tag: tag))
            }
        }
        try ReadPlan(repository, requests, keepingFrames: true).run { tag, bytes in
            let answer = look(bytes, parts[tag], at: paths[parts[tag].path])
            found.withLock { $0[tag] = answer }
        } damaged: { tag, error in
            found.withLock { $0[tag] = .damaged(error) }
        }
        return found.withLock { $0.compactMap(\.self) }
    }

    private func look(
        _ bytes: UnsafeRawBufferPointer, _ part: Part, at path: [UInt8]
    ) -> Found {
        do throws(FormatError) {
            guard part.levels == 0 else {
                let list = try ChunkList(bytes, depth: part.levels - 1, covering: part.bytes)
                return .list(list.entries)
            }
            guard bytes.count == part.bytes else {
                return .damaged(ChunkReader.wrongLength(part.id))
            }
            return .entries(try FoundEntries(bytes, of: path, query))
        } catch {
            return .damaged(.damaged("directory chunk \(part.id)", error.description))
        }
    }

    mutating func finish() -> FindReport {
        report.versions.sort { a, b in
            a.path == b.path
                ? (a.holders.first, a.holders.last) < (b.holders.first, b.holders.last)
                : TreePath.areInOrder(a.path, b.path)
        }
        return report
    }

    /// What one level has found for the next one.
    private struct Below {
        private struct Name: Hashable {
            var name: [UInt8]
            var directory: Int
        }

        private struct Version: Hashable {
            var key: VersionKey
            var directory: Int
        }

        private let above: [TreePath]
        private(set) var paths: [TreePath] = []
        private var numbers: [Name: Int] = [:]
        var level = Level()
        private(set) var versions: [FoundVersion] = []
        private var places: [Version: Int] = [:]

        init(above: [TreePath]) { self.above = above }

        /// The number of a directory on the next level.
        mutating func number(_ name: [UInt8], in directory: Int) -> Int {
            let key = Name(name: name, directory: directory)
            if let number = numbers[key] { return number }
            numbers[key] = paths.count
            paths.append(TreePath(name, below: above[directory]))
            return paths.count - 1
        }

        mutating func add(
            _ match: FoundEntries.Match, _ directory: Int, _ path: [UInt8], _ holders: Holders
        ) {
            let key = Version(key: match.version, directory: directory)
            if let place = places[key] {
                versions[place].holders.join(holders)
            } else {
                places[key] = versions.count
                let path = path + [UInt8(ascii: "/")] + match.node.name
                versions.append(FoundVersion(path: path, node: match.node, holders: holders))
            }
        }
    }
}
