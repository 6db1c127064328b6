extension RepositoryState {
    /// Adds the record that follows; on an error the state is as it was.
    ///
    /// A mend throws: it stands for what came before, so go on from `init(mended:at:)`.
    public mutating func apply(
        _ record: LogRecord, number: UInt64, hash: RecordHash
    ) throws(FormatError) {
        guard number == self.number, number < .max else {
            throw .invalid("log record \(number) stands where \(self.number) should")
        }
        guard record.event.isAllowed(at: number) else {
            throw .invalid("log record \(number) is of a kind that its number does not allow")
        }
        switch record.event {
        case .initialise: throw .invalid("a log begins twice")
        case .mend: throw .invalid("log record \(number) goes on from another state")
        case .commit(let commit): add(commit, number)
        case .hold(let hold):
            holds.append(
                HoldEntry(session: hold.session, recordNumber: number, segments: hold.segments))
        case .amend(let amendment): amend(amendment)
        case .forget(let ids):
            let forgotten = Set(ids)
            snapshots.removeAll { forgotten.contains($0.id) }
        case .condemn(let condemnation):
            condemned.appendNew(condemnation.objects, number)
            segments.appendNew(condemnation.replacements)
        case .revive(let objects): condemned.remove(objects)
        case .sweep(let objects): sweep(objects, number)
        case .lost(let copies): lost.appendNew(copies)
        case .rotate(let keyring): keyringObject = keyring
        case .checkpoint(let checkpoint):
            guard checkpoint.previous == lastCheckpoint else {
                throw .invalid("checkpoint \(number) does not follow the one before")
            }
            lastCheckpoint = hash
        }
        self.number = number + 1
    }

    /// The state after the mend that is record `number`, given the state that the mend names.
    public init(mended state: RepositoryState, at number: UInt64) throws(FormatError) {
        guard state.number == number, number < .max else {
            throw .invalid("the state of mend \(number) stands for \(state.number)")
        }
        self = state
        self.number = number + 1
    }

    private mutating func add(_ commit: Commit, _ number: UInt64) {
        // One that is not there cannot vouch for when the session began.
        let first = holds.first { $0.recordNumber == commit.firstHold }
        if !snapshots.contains(where: { $0.id == commit.snapshot }) {
            snapshots.append(
                SnapshotEntry(
                    id: commit.snapshot, manifest: commit.manifest, recordNumber: number,
                    firstHold: first?.recordNumber ?? 0, summary: commit.summary))
        }
        segments.appendNew(commit.segments)
        if let first { holds.removeAll { $0.session == first.session } }
    }

    private mutating func amend(_ amendment: Amendment) {
        guard let index = snapshots.firstIndex(where: { $0.id == amendment.snapshot }) else {
            return
        }
        switch amendment.change {
        case .tags(let tags): snapshots[index].summary.tags = tags
        case .pin(let isPinned): snapshots[index].isPinned = isPinned
        case .description(let text): snapshots[index].summary.description = text
        case .grade(let text): snapshots[index].grade = text
        case .damage(let text): snapshots[index].damage = text
        case .manifest(let id): snapshots[index].manifest = id
        }
    }

    private mutating func sweep(_ objects: [ObjectReference], _ number: UInt64) {
        condemned.remove(objects)
        let packs = objects.filter { $0.pack != nil }
        let known = Set(swept.map(\.object))
        swept.remove(packs)
        swept.appendNew(packs.filter { !known.contains($0) }, number)
        let gone = Set(objects.compactMap(\.segment))
        segments.removeAll(where: gone.contains)
        for index in holds.indices.reversed() where !holds[index].segments.isEmpty {
            holds[index].segments.removeAll(where: gone.contains)
            // A writer that died commits nothing: its hold ends with the last it held.
            if holds[index].segments.isEmpty { holds.remove(at: index) }
        }
    }
}

extension Array where Element: Hashable {
    /// Appends those of `items` that are not there yet.
    fileprivate mutating func appendNew(_ items: [Element]) {
        guard !items.isEmpty else { return }
        var known = Set(self)
        for item in items where known.insert(item).inserted { append(item) }
    }
}

extension [RepositoryState.MarkedObject] {
    /// Marks those of `objects` that are not marked yet.
    fileprivate mutating func appendNew(_ objects: [ObjectReference], _ number: UInt64) {
        guard !objects.isEmpty else { return }
        var known = Set(map(\.object))
        for object in objects where known.insert(object).inserted {
            append(Element(object: object, recordNumber: number))
        }
    }

    fileprivate mutating func remove(_ objects: [ObjectReference]) {
        guard !objects.isEmpty else { return }
        let gone = Set(objects)
        removeAll { gone.contains($0.object) }
    }
}
