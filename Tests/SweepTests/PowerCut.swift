import TestSupport

/// A moment at which the power goes, and what the disk makes of what was not synced.
struct PowerCut: CustomStringConvertible {
    /// What becomes of names that changed, and of contents that were written, without a sync.
    enum Loss: CaseIterable {
        /// Everything is kept: the program was killed, and nothing else.
        case nothing
        case everything
        /// Names are kept, their files end where they were synced.
        case contents
        /// Names are lost, contents kept.
        case names
        /// Names that came are lost, those that went are gone.
        case additions
        /// Names are kept, of contents a part, with zeros or anything else behind it.
        case torn
        /// Each change for itself may be kept or lost, each content kept, lost or torn.
        case mixed
    }

    /// Which of the machine's directories lies on a disk that loses something.
    enum Reach: CaseIterable {
        case everything
        /// The machine remembers all that it knew.
        case repository
        case machineMemory

        func includes(_ path: String) -> Bool {
            switch self {
            case .everything: true
            case .repository: path.hasPrefix("repository")
            case .machineMemory: path.hasPrefix("cache") || path.hasPrefix("state")
            }
        }
    }

    /// After so many events.
    let moment: Int
    let loss: Loss
    let reach: Reach
    let seed: UInt64

    /// A change of names, and whether it is on the disk.
    private struct Change {
        let moment: Int
        let directory: String
        let names: [String: Journal.Entry?]
        var isDurable = false
    }

    /// What a file holds, and what of that is on the disk.
    private struct Content {
        var durable: [UInt8]
        var written: [(moment: Int, bytes: [UInt8])] = []

        var newest: [UInt8] { written.last?.bytes ?? durable }

        mutating func sync(since moment: Int) {
            guard let end = written.lastIndex(where: { $0.moment < moment }) else { return }
            durable = written[end].bytes
            written.removeFirst(end + 1)
        }
    }

    var description: String { "after \(moment) events, \(loss) of \(reach), \(seed)" }

    /// What the disk holds when the machine is on again.
    func tree(of journal: Journal) -> StoredTree {
        var changes: [Change] = []
        var contents: [Int: Content] = [:]
        for (file, bytes) in journal.contents.enumerated() {
            contents[file] = Content(durable: bytes)
        }
        for (index, event) in journal.events.prefix(moment).enumerated() {
            switch event {
            case .named(let directory, let names):
                changes.append(Change(moment: index, directory: directory, names: names))
            case .wrote(let file, let bytes):
                contents[file, default: Content(durable: [])].written.append((index, bytes))
            case .synced(let file, let since): contents[file]?.sync(since: since)
            case .syncedNames(let directory, let since):
                for place in changes.indices where changes[place].directory == directory {
                    if changes[place].moment < since { changes[place].isDurable = true }
                }
            case .syncedAll(let since):
                for place in changes.indices where changes[place].moment < since {
                    changes[place].isDurable = true
                }
                for file in contents.keys { contents[file]?.sync(since: since) }
            }
        }
        return tree(journal.names, changes, contents)
    }

    private func tree(
        _ start: [String: Journal.Entry], _ changes: [Change], _ contents: [Int: Content]
    ) -> StoredTree {
        var random = SeededNumbers(seed)
        var names = start
        /// Files that ever had a name where nothing is lost.
        var safe: Set<Int> = []
        for change in changes {
            let isSafe = !change.names.keys.contains(where: reach.includes)
            if isSafe {
                for case .file(let file)? in change.names.values { safe.insert(file) }
            }
            guard change.isDurable || isSafe || keeps(change, &random) else { continue }
            for (path, entry) in change.names { names[path] = entry }
        }
        for case (let path, .file(let file)) in start where !reach.includes(path) {
            safe.insert(file)
        }
        var bytes: [Int: [UInt8]] = [:]
        for (file, content) in contents.sorted(by: { $0.key < $1.key }) {
            bytes[file] = safe.contains(file) ? content.newest : kept(content, &random)
        }
        return StoredTree(names) { bytes[$0] ?? [] }
    }

    private func keeps(_ change: Change, _ random: inout SeededNumbers) -> Bool {
        switch loss {
        case .nothing, .contents, .torn: true
        case .everything, .names: false
        case .additions: change.names.values.allSatisfy { $0 == nil }
        case .mixed: random.flag()
        }
    }

    private func kept(_ content: Content, _ random: inout SeededNumbers) -> [UInt8] {
        if content.written.isEmpty { return content.durable }
        switch loss {
        case .nothing, .names, .additions: return content.newest
        case .everything, .contents: return content.durable
        case .torn: return torn(content, &random)
        case .mixed:
            switch random.below(3) {
            case 0: return content.durable
            case 1: return random.element(content.written).bytes
            default: return torn(content, &random)
            }
        }
    }

    /// The beginning of what was written, and behind it nothing, zeros, noise, or what was there.
    private func torn(_ content: Content, _ random: inout SeededNumbers) -> [UInt8] {
        let bytes = content.newest
        let start = Array(bytes.prefix(random.number(0...bytes.count)))
        let rest = bytes.count - start.count
        switch random.below(4) {
        case 0: return start
        case 1: return start + [UInt8](repeating: 0, count: rest)
        case 2: return start + random.bytes(rest)
        default: return start + content.durable.dropFirst(start.count)
        }
    }
}

extension StoredTree {
    /// What can be reached: a directory that is lost takes with it what lies in it.
    init(_ names: [String: Journal.Entry], _ content: (Int) -> [UInt8]) {
        for (path, entry) in names.sorted(by: { $0.key < $1.key }) {
            let parent = path.lastIndex(of: "/").map { String(path[..<$0]) }
            guard parent.map(directories.contains) ?? true else { continue }
            switch entry {
            case .directory: directories.insert(path)
            case .file(let file): files[path] = content(file)
            }
        }
    }

    /// A number that is another one for another tree.
    var fingerprint: Int {
        var hasher = Hasher()
        for directory in directories.sorted() { hasher.combine(directory) }
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
            hasher.combine(path)
            hasher.combine(bytes.count)
            bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
        return hasher.finalize()
    }
}
