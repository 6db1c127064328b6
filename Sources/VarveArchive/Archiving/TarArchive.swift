import VarveFormat
import VarveRepository
import VarveSystem

extension ArchivePlan {
    /// What tar archives are a multiple of.
    fileprivate static let recordBytes = 20 * TarHeader.blockBytes

    func writeTar(to output: borrowing File) throws {
        try ReadAhead<Never>(repository: repository).run { feed in
            var layout = TarLayout(self, feed)
            try layout.addAll()
        } use: { window in
            try output.write(window.bytes)
            progress.add(bytes: window.bytes.count)
        }
    }

    /// Lays out the members of a tar archive, one after the other.
    private struct TarLayout {
        private let plan: ArchivePlan
        private let feed: WindowFeed<Never>
        private var written = 0
        private var header: [UInt8] = []
        /// Where the first member of each group of hard links lies.
        private var links: [Int: [UInt8]] = [:]

        init(_ plan: ArchivePlan, _ feed: WindowFeed<Never>) {
            self.plan = plan
            self.feed = feed
        }

        mutating func addAll() throws {
            var walk = try ArchiveWalk(plan.content, plan.repository)
            if let directory = plan.directory {
                try add(directory, Array("./".utf8), &walk.reader)
            }
            while let node = try walk.next() { try add(node, walk.path, &walk.reader) }
            // Two empty blocks end an archive, and only a whole one.
            let end = written + 2 * TarHeader.blockBytes
            let record = ArchivePlan.recordBytes
            let rest = (record - end % record) % record
            try feed.append(zeros: 2 * TarHeader.blockBytes + rest)
        }

        private mutating func add(
            _ node: Node, _ path: [UInt8], _ reader: inout ChunkReader
        ) throws {
            if let obstacle = TarEntry.obstacle(node) { return plan.note(path, obstacle) }
            let first = node.hardLinkGroup.flatMap { links[$0] }
            if let group = node.hardLinkGroup, first == nil { links[group] = path }
            let entry = TarEntry(node, path: path, firstLink: first)
            header.removeAll(keepingCapacity: true)
            entry.encode(into: &header)
            try feed.append(header)
            written += header.count
            plan.show(node, path)
            guard node.kind == .file, first == nil else { return }
            let dataBytes = try add(entry, &reader)
            let padding = TarHeader.padding(after: dataBytes)
            try feed.append(zeros: padding)
            written += dataBytes + padding
        }

        /// Adds a file's data and returns how many bytes these are.
        private func add(_ entry: TarEntry, _ reader: inout ChunkReader) throws -> Int {
            guard let sparse = entry.sparse, let content = entry.node.content else {
                try feed.append(plain: entry.node, &reader)
                return entry.node.size
            }
            var pieces = ContentPieces(content)
            for region in sparse.regions {
                var rest = region.count
                for run in region.runs {
                    try feed.append(zeros: run.zeroBytes)
                    try pieces.append(run.dataBytes, to: feed, &reader)
                    rest -= run.zeroBytes + run.dataBytes
                }
                try feed.append(zeros: rest)
            }
            return sparse.dataBytes
        }
    }
}
