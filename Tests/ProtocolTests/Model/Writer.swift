/// Takes snapshots one after the other.
struct Writer: Hashable {
    enum Phase: Hashable {
        case begin, putPack, putSegment, putManifest, read, walk
        case takeBack(again: Bool)
    }

    /// What it takes, the next one last.
    var snapshots: [Int]
    /// Appends a hold when its segment is put.
    var holds = false
    /// Takes what the newest snapshot refers to for stored, without looking it up.
    var hasParent = false
    var phase = Phase.begin
    /// How often it was overtaken with this snapshot.
    var overtaken = 0
    var start = View()
    var pack: Int?
    var full = Few()
    var delta = Few()
    /// Packs that had been condemned when it began.
    var condemned = Few()
    var manifest = -1
    /// The log before the manifest was there.
    var manifestNumber = 0
    /// A record may name what it wrote.
    var hasTried = false

    static let sessionsMax = 3

    init(_ snapshots: [Int], holds: Bool = false, hasParent: Bool = false) {
        self.snapshots = snapshots
        self.holds = holds
        self.hasParent = hasParent
    }

    var mayFail: Bool {
        switch phase {
        case .putPack, .putSegment, .putManifest: true
        case .begin, .read, .walk, .takeBack: false
        }
    }
}

extension World {
    mutating func writerStep(_ index: Int, _ writer: Writer, fails: Bool) {
        var writer = writer
        if fails {
            writer.phase = .takeBack(again: false)
            actors[index].role = .writer(writer)
            return
        }
        switch writer.phase {
        case .begin: beginSession(index, &writer)
        case .putPack:
            writer.pack = store.putPack(full: writer.full, delta: writer.delta)
            writer.phase = .putSegment
        case .putSegment: putSegment(index, &writer)
        case .putManifest: putManifest(index, &writer)
        case .read: readBeforeCommit(index, &writer)
        case .walk: walk(index, &writer)
        case .takeBack(let again): takeBack(index, &writer, again)
        }
        actors[index].role = .writer(writer)
    }

    private mutating func beginSession(_ index: Int, _ writer: inout Writer) {
        guard let snapshot = writer.snapshots.last else {
            actors[index].isDone = true
            return
        }
        refresh(index)
        let view = actors[index].view
        writer.start = view
        writer.condemned = view.condemned.packs
        (writer.full, writer.delta, writer.pack) = (Few(), Few(), nil)
        writer.hasTried = false
        let condemned = follows(.condemnedIsNotStored) ? view.condemned.packs : Few()
        let usable = indexed(view) - condemned
        var parent = Few()
        if writer.hasParent, let newest = view.live.prefix(1, greatest: true).first {
            parent = setting.contents[newest]
        }
        (setting.contents[snapshot] - parent).visit { chunk in
            let copies = usable.filter { store.packs[$0].chunks.contains(chunk) }
            guard copies.isEmpty else { return }
            if let base = setting.base(of: chunk),
                writer.full.contains(base) || hasFull(base, in: usable)
            {
                writer.delta.insert(chunk)
            } else {
                writer.full.insert(chunk)
            }
        }
        writer.phase = (writer.full + writer.delta).isEmpty ? .putManifest : .putPack
        if !follows(.recordComesLast) { writer.phase = .putManifest }
    }

    private mutating func putSegment(_ index: Int, _ writer: inout Writer) {
        guard let pack = writer.pack else { return }
        store.there.segments.insert(pack)
        writer.phase = follows(.recordComesLast) ? .putManifest : .begin
        guard writer.holds else { return }
        refresh(index)
        begin(.hold(segment: pack), by: index)
    }

    private mutating func putManifest(_ index: Int, _ writer: inout Writer) {
        guard let snapshot = writer.snapshots.last else { return }
        // At a seal anew the log was read before.
        writer.manifest = store.putManifest(snapshot, epoch: epoch(of: index))
        writer.manifestNumber = actors[index].view.number
        writer.phase = .read
    }

    private mutating func readBeforeCommit(_ index: Int, _ writer: inout Writer) {
        refresh(index)
        let view = actors[index].view
        let isOld =
            view.upheaval >= writer.manifestNumber && follows(.manifestIsSealedAnew)
            || store.manifests[writer.manifest].epoch != epoch(of: index)
        if isOld {
            writer.phase = .putManifest
        } else if view.upheaval >= writer.start.number {
            writer.phase = .walk
        } else {
            commit(index, &writer)
        }
    }

    private mutating func commit(_ index: Int, _ writer: inout Writer) {
        guard let snapshot = writer.snapshots.last else { return }
        writer.hasTried = follows(.storedStaysAfterCommit)
        begin(
            .commit(snapshot: snapshot, manifest: writer.manifest, segment: writer.pack),
            by: index)
    }

    /// Looks up all that the snapshot needs, as the log stands.
    private mutating func walk(_ index: Int, _ writer: inout Writer) {
        guard let snapshot = writer.snapshots.last else { return }
        let view = actors[index].view
        let packs = view.segments + (writer.pack.map { [$0] } ?? []) - dead(view)
        var isClosed = true
        if let pack = writer.pack, follows(.ownObjectsAreUnswept) {
            isClosed = !dead(view).contains(pack) && store.there.segments.contains(pack)
        }
        if follows(.treeIsWalked) {
            isClosed =
                isClosed
                && setting.contents[snapshot].allSatisfy { counts($0, in: packs, writer, view) }
        }
        if follows(.basesAreLookedUp) {
            isClosed =
                isClosed
                && writer.delta.allSatisfy { hasFull(setting.resembles[$0], in: packs) }
        }
        if isClosed { return commit(index, &writer) }
        let gone = truth.sweptEver + truth.condemned.packs - writer.start.sweptEver
        if !writer.hasParent, gone.isSubset(of: writer.condemned) {
            fail("a writer relied on what was condemned before it began")
        }
        writer.overtaken += 1
        let isLast = writer.overtaken == Writer.sessionsMax
        writer.phase = .takeBack(again: !isLast)
    }

    /// The bases of its own deltas are looked up besides.
    private func counts(
        _ chunk: Int, in packs: Few, _ writer: Writer, _ view: View
    ) -> Bool {
        var deltas = packs
        if follows(.condemnedDeltasDoNotCount) {
            deltas -= view.condemned.packs.filter { $0 != writer.pack }
        }
        return hasFull(chunk, in: packs)
            || !deltas.filter { store.packs[$0].delta.contains(chunk) }.isEmpty
    }

    /// Removes what no record can name, and begins again or gives the snapshot up.
    private mutating func takeBack(_ index: Int, _ writer: inout Writer, _ again: Bool) {
        if let pack = writer.pack, !writer.hasTried {
            store.going.packs.insert(pack)
            store.going.segments += store.there.segments & [pack]
        }
        if !again { endSnapshot(&writer) }
        writer.phase = .begin
    }

    private func endSnapshot(_ writer: inout Writer) {
        writer.snapshots.removeLast()
        writer.overtaken = 0
    }

    mutating func writerAppended(
        _ index: Int, _ writer: Writer, _ outcome: Appending.Outcome, _ event: Event?
    ) {
        var writer = writer
        // A hold that fails makes the session only less safe from being swept.
        guard case .commit(let snapshot, _, _) = event else { return }
        switch outcome {
        case .appended:
            reported.insert(snapshot)
            endSnapshot(&writer)
            writer.phase = follows(.recordComesLast) ? .begin : .putPack
            if writer.phase == .putPack, writer.full.isEmpty { writer.phase = .begin }
        case .overtaken:
            writer.phase = .read
            // Behind the number that was taken the same record is sent as it is.
            if !follows(.writerLooksAgain) {
                refresh(index)
                commit(index, &writer)
            }
        case .failed: writer.phase = .takeBack(again: false)
        }
        actors[index].role = .writer(writer)
    }
}
