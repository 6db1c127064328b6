package import VarveCatalog
package import VarveFormat

/// Which chunks the snapshots of a state need, by what the trees refer to.
///
/// This machine remembers the counts: of a snapshot that was counted before only a change costs
/// anything, and of a new one what it does not share.
package struct Mark: ~Copyable {
    private let repository: Repository
    private var edges: EdgeCounts

    package init(_ repository: Repository) throws {
        self.repository = repository
        edges = try EdgeCounts(
            directory: repository.cacheDirectory + "/edges", repository: repository.id)
    }

    /// Counts the snapshots of `state`, and no others, and lets `body` go through what they need;
    /// also answers how many of these chunks `body` did not ask for. What is not to be remembered leaves this
    /// machine's memory as it is.
    ///
    /// `body` runs again when what this machine remembered turns out to be damaged. Throws `.damaged`
    /// when a tree of a snapshot cannot be read: then nothing may be removed.
    package mutating func read<Answer>(
        _ state: RepositoryState, isRemembered: Bool = true,
        _ body: (inout LiveScan) throws -> Answer
    ) throws -> (answer: Answer, missed: Int) {
        do {
            return try readOnce(state, isRemembered, body)
        } catch is CatalogError {
            edges.dropAll()
            return try readOnce(state, isRemembered, body)
        }
    }

    /// Counts the snapshots of `state`, and no others, and remembers that; throws as `read` does.
    package mutating func remember(_ state: RepositoryState) throws {
        do {
            try count(state)
        } catch is CatalogError {
            edges.dropAll()
            try count(state)
        }
        try edges.save()
    }

    private mutating func readOnce<Answer>(
        _ state: RepositoryState, _ isRemembered: Bool,
        _ body: (inout LiveScan) throws -> Answer
    ) throws -> (answer: Answer, missed: Int) {
        try count(state)
        // Without a table there is nothing to scan.
        if isRemembered || !edges.isReadable { try edges.save() }
        var scan = try edges.scan()
        let answer = try body(&scan)
        return (answer, try scan.finish())
    }

    private mutating func count(_ state: RepositoryState) throws {
        let live = Set(state.snapshots.map(\.id))
        let gone = edges.snapshots.filter { !live.contains($0.key) }
        for entry in state.snapshots where edges.snapshots[entry.id] == nil { try add(entry) }
        for (id, references) in gone.sorted(by: { $0.key < $1.key }) {
            try remove(id, references)
        }
    }

    private mutating func add(_ entry: RepositoryState.SnapshotEntry) throws {
        let affected = "snapshot \(entry.id.hex.prefix(8)) cannot be read whole"
        do {
            let references = try repository.manifest(entry).references()
            var walk = try ReferenceWalk(repository)
            try walk.run(references) {
                try edges.add($0)
            } damaged: { _, error in
                throw error
            }
            edges.add(entry.id, references)
        } catch RepositoryError.damaged(let object, let reason, _) {
            throw RepositoryError.damaged(object: object, reason: reason, affects: affected)
        } catch let error as FormatError {
            throw RepositoryError.damaged(
                object: ObjectName.manifest(entry.manifest), reason: error.description,
                affects: affected)
        }
    }

    private mutating func remove(_ id: SnapshotID, _ references: [Reference]) throws {
        do {
            var walk = try ReferenceWalk(repository)
            try walk.run(references) {
                try edges.remove($0)
            } damaged: { _, error in
                throw error
            }
            edges.remove(id)
        } catch RepositoryError.damaged {
            // Its trees may be swept already: then everything is counted again.
            throw CatalogError.damaged
        }
    }
}
