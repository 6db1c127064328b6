import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

/// One run of a sync: walks the trees of snapshots, oldest commit first, and copies what some
/// destination lacks, a window at a time. A snapshot is committed with the window that completes it.
struct SyncRun {
    /// A snapshot that is walked, or is about to be, and where it goes.
    private struct Ready {
        var entry: RepositoryState.SnapshotEntry
        var manifest: SnapshotManifest
        var destinations: DestinationSet
    }

    private let source: Repository
    private let destinations: [SyncDestination]
    private let observer: SyncObserver
    private let dating: SnapshotDating?
    private let options: SyncOptions
    /// The branches that were walked, and for whom.
    private var seen: [Reference: DestinationSet] = [:]
    private var window: SyncWindow
    /// Walked as a whole, with all that they lack in this window or an earlier one.
    private var ready: [Ready] = []
    /// Chunks of which no copy at the source can be read.
    private var unreadable: Set<ChunkID> = []
    private(set) var copied: [[SnapshotID]]
    private(set) var skipped: [(snapshot: SkippedSnapshot, destinations: DestinationSet)] = []

    init(
        _ source: Repository, _ destinations: [SyncDestination], _ dating: SnapshotDating?,
        _ options: SyncOptions, _ observer: @escaping SyncObserver
    ) {
        self.source = source
        self.destinations = destinations
        self.dating = dating
        self.options = options
        self.observer = observer
        window = SyncWindow(chunksMax: options.windowChunks)
        copied = destinations.map { _ in [] }
    }

    /// Copies each of `snapshots` to its destinations.
    mutating func run(
        _ snapshots: [(entry: RepositoryState.SnapshotEntry, destinations: DestinationSet)]
    ) throws {
        defer { for destination in destinations { destination.end() } }
        do {
            for (entry, wanted) in snapshots {
                if Interrupts.isRequested { throw RepositoryError.interrupted }
                try take(entry, wanted)
                if window.isFull { try copyWindow() }
            }
            window.press()
            try copyWindow()
        } catch {
            // What a session wrote and nothing names is taken back.
            for destination in destinations { destination.attempt { throw error } }
            throw error
        }
    }

    /// Walks one snapshot; when something of it cannot be read it is passed over.
    private mutating func take(
        _ entry: RepositoryState.SnapshotEntry, _ wanted: DestinationSet
    ) throws {
        observer(.walking(entry.id))
        do {
            guard entry.damage.isEmpty else {
                throw RepositoryError.damaged("snapshot", "known to be damaged: \(entry.damage)")
            }
            let manifest = try source.manifest(entry)
            try walk(manifest, for: wanted)
            ready.append(Ready(entry: entry, manifest: manifest, destinations: wanted))
            window.press()
        } catch RepositoryError.damaged(let object, let reason, _) {
            try skip(entry, wanted, "\(object): \(reason)")
        }
    }

    private mutating func skip(
        _ entry: RepositoryState.SnapshotEntry, _ wanted: DestinationSet, _ reason: String
    ) throws {
        // What hung below the branches that were met last was not walked.
        seen = [:]
        try source.refresh()
        // One that was forgotten meanwhile may be gone.
        guard source.state.snapshots.contains(where: { $0.id == entry.id }) else { return }
        let snapshot = SkippedSnapshot(id: entry.id, reason: reason)
        skipped.append((snapshot, wanted))
        observer(.skipped(snapshot))
    }

    private mutating func walk(_ manifest: SnapshotManifest, for wanted: DestinationSet) throws {
        let references: [Reference]
        do {
            references = try manifest.references()
        } catch {
            throw RepositoryError.damaged("its manifest", error.description)
        }
        var walk = try ReferenceWalk(source)
        try walk.run(references) { reference in
            try meet(reference, for: wanted)
        } damaged: { _, error in
            throw error
        }
    }

    /// Notes what is missing where; whether what the reference names is to be walked.
    private mutating func meet(_ reference: Reference, for wanted: DestinationSet) throws -> Bool {
        guard !unreadable.contains(reference.id) else {
            throw RepositoryError.damaged("chunk \(reference.id)", "it cannot be read")
        }
        var lacking: DestinationSet = []
        if reference.isBranch {
            let known = seen[reference] ?? []
            guard !wanted.isSubset(of: known) else { return false }
            seen[reference] = known.union(wanted)
        }
        for (position, destination) in destinations.enumerated()
        where wanted.contains(position: position) {
            let isStored = destination.attempt {
                try destination.begin()
                return try destination.withWriter { try $0.isStored(reference.id) }
            }
            if isStored == false { lacking.insert(DestinationSet(position)) }
        }
        if !lacking.isEmpty { window.add(reference, for: lacking) }
        // In a run that is only tried everything stays in one session.
        if window.isFull, !options.isDryRun { try copyWindow() }
        return true
    }

    /// Copies what was met so far, commits the snapshots that are complete by that, and names in the log
    /// what belongs to the one that is still being walked.
    private mutating func copyWindow() throws {
        if !window.isEmpty {
            // Of what waited nobody may have asked since for a chunk that is new.
            for (position, destination) in destinations.enumerated()
            where window.destinations.contains(position: position) {
                destination.attempt { try destination.begin() }
            }
            let copying = SyncCopying(source, destinations, observer)
            let (unreadable, waiting) = try copying.copy(window)
            self.unreadable.formUnion(unreadable)
            window = SyncWindow(chunksMax: options.windowChunks, waiting: waiting)
        }
        let complete = try wholeOnes()
        for (position, destination) in destinations.enumerated() {
            let mine = complete.filter { $0.destinations.contains(position: position) }
            guard destination.session != nil || !mine.isEmpty else { continue }
            destination.attempt { try commit(mine, at: position) }
            if !options.isDryRun || destination.failure != nil { destination.end() }
        }
        // Threads come and go with each window, and what each of them freed adds up.
        FreedMemory.giveBack()
    }

    /// Those of the ready snapshots that need nothing unreadable; the others are skipped.
    private mutating func wholeOnes() throws -> [Ready] {
        defer { ready = [] }
        guard !unreadable.isEmpty else { return ready }
        var whole: [Ready] = []
        for one in ready {
            do {
                try expectReadable(one.manifest)
                whole.append(one)
            } catch RepositoryError.damaged(let object, let reason, _) {
                try skip(one.entry, one.destinations, "\(object): \(reason)")
            }
        }
        return whole
    }

    /// Throws `.damaged` when the snapshot needs a chunk that cannot be read.
    private func expectReadable(_ manifest: SnapshotManifest) throws {
        var walked: Set<Reference> = []
        var walk = try ReferenceWalk(source)
        try walk.run(try manifest.references()) { reference in
            guard !unreadable.contains(reference.id) else {
                throw RepositoryError.damaged("chunk \(reference.id)", "it cannot be read")
            }
            return !reference.isBranch || walked.insert(reference).inserted
        } damaged: { _, error in
            throw error
        }
    }

    private mutating func commit(_ snapshots: [Ready], at position: Int) throws {
        let destination = destinations[position]
        if !options.isDryRun {
            try destination.begin()
            // A frame may be under an epoch that began at the source meanwhile.
            if destination.sharesKeyring {
                _ = try destination.repository.takeEpochs(of: source)
            }
            let segments = try destination.finish(readsBack: options.readsBack)
            if snapshots.isEmpty, !segments.isEmpty { try destination.name(segments) }
            var unnamed = segments
            for one in snapshots {
                try destination.commit(copy(of: one), one.entry.summary, segments: unnamed)
                unnamed = []
                note(one, at: position)
            }
        } else {
            for one in snapshots { note(one, at: position) }
        }
    }

    private mutating func note(_ one: Ready, at position: Int) {
        copied[position].append(one.entry.id)
        observer(
            .copied(one.entry.id, location: destinations[position].repository.storage.location))
    }

    /// The manifest as it goes over: it says where it came from, unless it does already.
    private func copy(of one: Ready) -> SnapshotManifest {
        var manifest = one.manifest
        if manifest.origin == nil {
            let entry = one.entry
            manifest.origin = SnapshotManifest.Origin(
                repository: source.id, number: entry.recordNumber,
                commitTime: dating?.vouchedTime(entry) ?? 0)
        }
        return manifest
    }
}
