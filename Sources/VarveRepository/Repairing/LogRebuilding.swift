import VarveCodec
import VarveCrypto
import VarveFormat
import VarveStorage
import VarveSystem

/// What can still be known of a log of which records are lost.
struct LogRebuilding {
    private let reader: RecordReader
    private let keyrings: [KeyringObjectID: Keyring]
    /// Of each keyring, oldest first.
    private let epochs: [KeyringObjectID: [EpochID]]
    private(set) var state: RepositoryState
    /// The record whose state the others were added to.
    private(set) var base: UInt64?
    /// The number of the mend: behind every record that was ever seen.
    let number: UInt64
    private(set) var lost: [UInt64] = []
    private(set) var snapshotsKept: [SnapshotID] = []
    private(set) var manifestsReplaced: [SnapshotID] = []
    private(set) var manifestsUnread = 0
    private(set) var segmentsFound = 0
    /// The last record that can be read.
    private var last: RecordHash = .zero
    /// What it is sealed under, unless it began another one.
    private var epoch: EpochID?
    /// Epochs that were over, as far as what was taken says: what is sealed under one of them counts
    /// as lost, for a key that was stolen may have made it.
    private var epochsOver: Set<EpochID> = []
    /// Snapshots that records which were taken commit or forget.
    private var spokenOf: Set<SnapshotID> = []
    /// When each record, state and manifest came, by the storage's clock.
    private let listed: StorageListing

    /// So many lost numbers fit into a record.
    private static let numbersMax = 20_000
    /// So many records in a row are never lost: a larger gap is not walked through.
    private static let gapMax: UInt64 = 1 << 20

    init(
        _ reader: RecordReader, _ numbers: [UInt64], seen: UInt64?,
        keyrings: [KeyringObjectID: Keyring]
    ) throws {
        self.reader = reader
        self.keyrings = keyrings
        epochs = try keyrings.mapValues { try $0.epochs.map { try $0.id } }
        listed = try StorageListing(reader.storage)
        number = try Self.number(behind: numbers, seen)
        let found = try ReadableState(reader, listed, below: number, epochs: epochs)
        base = found.number
        guard let state = try found.state ?? Self.blank(keyrings, in: reader.storage) else {
            throw RepositoryError.damaged(ObjectName.keyrings, "there is no keyring")
        }
        self.state = state
        // No other epoch is over where nothing says which keyring was in force.
        if found.state != nil { end(before: epochs[state.keyringObject]?.last) }
        try addRecords()
        if lost.contains(where: { !LogRecord.isCheckpoint($0) }) {
            try keepSnapshots()
            try keepSegments()
        }
        chooseKeyring()
        self.state.number = number
    }

    /// The number of a mend that follows all that were ever seen.
    private static func number(behind numbers: [UInt64], _ seen: UInt64?) throws -> UInt64 {
        var last: UInt64 = 0
        for number in (numbers + [seen].compactMap(\.self)).sorted() {
            guard number - last <= gapMax else {
                throw RepositoryError.damaged(
                    object: ObjectName.record(number),
                    reason: "its number is far above that of any other record",
                    affects: "remove it if it does not belong there")
            }
            last = number
        }
        return LogRecord.isCheckpoint(last + 1) ? last + 2 : last + 1
    }

    /// The state of a repository of which only keyrings say anything, with the usual parameters: of
    /// these the length of chunks only costs room when it was another one.
    private static func blank(
        _ keyrings: [KeyringObjectID: Keyring], in storage: any Storage
    ) throws -> RepositoryState? {
        guard let largest = largest(keyrings) else { return nil }
        let usual = CreationOptions()
        return RepositoryState(
            initial: RepositoryParameters(
                keyringObject: largest.key, keyring: largest.value.id,
                chunkBytesAverage: usual.chunkBytesAverage, frameBytes: usual.frameBytes,
                packBytes: CreationOptions.usualPackBytes(in: storage),
                gracePeriodSeconds: usual.gracePeriodSeconds))
    }

    /// Adds every record behind the base that can be read.
    private mutating func addRecords() throws {
        var expected = state.number
        if base == nil { expected = 0 }
        var ahead = try record(expected)
        while expected < number {
            let next = expected + 1 < number ? try record(expected + 1) : nil
            var stored = ahead
            if let named = next?.record.previous, let found = stored, found.hash != named {
                // Of two copies that differ the next record says which counts.
                stored = try record(expected, hash: named) ?? found
            }
            add(stored, at: expected)
            ahead = next
            expected += 1
        }
    }

    private mutating func add(_ stored: StoredRecord?, at number: UInt64) {
        guard let stored, !epochsOver.contains(stored.epoch) else {
            lost.append(number)
            return
        }
        if stored.epoch != epoch { end(before: stored.epoch) }
        last = stored.hash
        state.number = number
        epoch = stored.epoch
        switch stored.record.event {
        case .initialise, .mend: break
        case .checkpoint: state.lastCheckpoint = stored.hash
        case .rotate(let keyring):
            (state.keyringObject, epoch) = (keyring, nil)
            end(before: epochs[keyring]?.last)
        // It opened, so it says what its writer meant, whatever came before.
        default: try? state.apply(stored.record, number: number, hash: stored.hash)
        }
        spokenOf.formUnion(stored.record.event.snapshots)
    }

    /// From here on nothing counts that is sealed under an epoch before this one.
    private mutating func end(before epoch: EpochID?) {
        for chain in epochs.values {
            guard let epoch, let index = chain.firstIndex(of: epoch) else { continue }
            epochsOver.formUnion(chain[..<index])
        }
    }

    private func record(_ number: UInt64, hash: RecordHash? = nil) throws -> StoredRecord? {
        guard listed.records[number] != nil else { return nil }
        return try reader.wholeRecord(number, hash: hash)
    }

    /// Keeps what lies in the storage and may have been committed by a lost record.
    private mutating func keepSnapshots() throws {
        let kept = try UnnamedSnapshots(reader, listed, state, base: base, spokenOf: spokenOf)
        manifestsUnread = kept.unread
        for index in state.snapshots.indices {
            let id = state.snapshots[index].id
            guard let manifest = kept.replacements[id] else { continue }
            state.snapshots[index].manifest = manifest
            state.snapshots[index].damage = Repository.unproven
            manifestsReplaced.append(id)
        }
        for (manifest, id) in kept.snapshots {
            state.snapshots.append(
                RepositoryState.SnapshotEntry(
                    id: manifest.id, manifest: id, recordNumber: number,
                    summary: SnapshotSummary(manifest), damage: Repository.unproven))
            snapshotsKept.append(manifest.id)
        }
    }

    private mutating func keepSegments() throws {
        let known = Set(state.segments)
        let condemned = state.condemnedSegments
        for id in listed.segments where !known.contains(id) && !condemned.contains(id) {
            guard try isWhole(id) else { continue }
            state.segments.append(id)
            segmentsFound += 1
        }
    }

    private func isWhole(_ id: SegmentID) throws -> Bool {
        do {
            _ = try Index.segment(id, in: reader.storage, reader.keys.sealing)
            return true
        } catch RepositoryError.damaged {
            return false
        }
    }

    /// A lost record may have put another keyring in force: then the newest record is sealed under it.
    private mutating func chooseKeyring() {
        let current = epochs[state.keyringObject]
        if let current, epoch == nil || current.last == epoch { return }
        let fitting = keyrings.filter { epochs[$0.key]?.last == epoch }
        let chosen = Self.largest(fitting) ?? (current == nil ? Self.largest(keyrings) : nil)
        if let chosen { state.keyringObject = chosen.key }
    }

    private static func largest(
        _ keyrings: [KeyringObjectID: Keyring]
    ) -> (key: KeyringObjectID, value: Keyring)? {
        keyrings.max { ($0.value.epochs.count, $0.key) < ($1.value.epochs.count, $1.key) }
    }

    /// Puts the state, then the mend; false when its number is taken.
    func append() throws -> Bool {
        try reader.keys.load(state.keyringObject)
        reader.keys.enforce(state.keyringObject)
        var sealer = try UnitSealer(reader.keys.sealing)
        let place = LogPlace(repository: reader.repository, number: number)
        let body = state.encoded
        let sealed = try sealer.seal(.state, body: body, place: place)
        let id = try StateID(digestOf: sealed)
        let record = LogRecord(
            nonce: randomBytes(LogRecord.nonceBytes), previous: last,
            clock: Clock.wallNanoseconds(),
            event: .mend(
                Mend(
                    state: id, stateHash: try StateBodyHash(digestOf: body),
                    numbers: Array(lost.suffix(Self.numbersMax)))))
        let bytes = try sealer.seal(.record, body: record.encoded, place: place)
        do {
            try reader.storage.put(ObjectName.state(id), sealed)
            guard
                try reader.storage.create(ObjectName.record(number), bytes, copies: .two)
            else { return false }
        } catch {
            throw RepositoryError.storage(error)
        }
        return try reader.record(number).record.nonce == record.nonce
    }
}
