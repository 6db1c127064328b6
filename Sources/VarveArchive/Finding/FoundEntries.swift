import VarveFormat
import VarveRepository

/// What is of interest in one piece of a directory.
struct FoundEntries: Sendable {
    /// An entry that was looked for.
    struct Match: Sendable {
        var node: Node
        /// What two entries share exactly when they are the same version.
        var version: VersionKey
    }

    var matches: [Match] = []
    var directories: [(name: [UInt8], content: Content)] = []

    /// Looks through a piece of the directory at an absolute path, which is empty for the root.
    init(
        _ piece: UnsafeRawBufferPointer, of directory: [UInt8], _ query: FindQuery
    ) throws(FormatError) {
        var scan = try NodeScan(piece)
        while try scan.next() {
            let name = scan.name.assumingMemoryBound(to: UInt8.self)
            let isWanted = query.mayBe(name.span, scan.kind, in: directory.span)
            let isEntered = scan.kind == .directory && Self.mayHold(name, directory, query)
            guard isWanted || isEntered else { continue }
            let node = try scan.node()
            if isEntered, let content = node.content { directories.append((node.name, content)) }
            if isWanted, query.isMet(by: node) { matches.append(Match(node)) }
        }
    }

    private static func mayHold(
        _ name: UnsafeBufferPointer<UInt8>, _ directory: [UInt8], _ query: FindQuery
    ) -> Bool {
        let path = directory + [UInt8(ascii: "/")] + name
        return query.mayHold(below: path.span)
    }
}

extension FoundEntries.Match {
    init(_ node: Node) {
        var said = node
        // Which names are links of each other, and what is in a directory, makes no version.
        said.hardLinkGroup = nil
        if node.kind == .directory {
            (said.content, said.entriesBelow, said.isPartial) = (.empty, 0, false)
        }
        var record = ByteWriter()
        said.encode(into: &record)
        version = record.bytes.withUnsafeBytes { VersionKey(digestOf: $0) }
        // What a file holds is known by the key; what is kept is only shown.
        said.content = said.content.map { Content(size: $0.size, depth: 0, entries: []) }
        self.node = said
    }
}

enum VersionKeyKind {}

/// SHA-256 of all that makes a version, its name included.
typealias VersionKey = Identifier<VersionKeyKind>
