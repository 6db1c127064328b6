/// Prunes some times over: revives and sweeps what was condemned before, then condemns.
struct Maintainer: Hashable {
    enum Stage: Hashable { case sweeping, condemning }
    enum Phase: Hashable {
        case read, listPacks, listRest, putPack, putSegment, remove, takeBack
    }

    var runs: Int
    /// Does not wait for the grace period.
    var isImmediate = false
    /// Writes packs anew of which a part is needed.
    var rewrites = false
    /// Its machine's clock is years ahead.
    var hasWrongClock = false
    var stage = Stage.sweeping
    var phase = Phase.read
    var packsListed = Few()
    /// The storage's time before it listed anything.
    var now = 0
    /// What it removes, and what it condemns.
    var removing = Objects()
    var leaving = Objects()
    /// A pack written anew, and the state that it was planned for.
    var pack: Int?
    var full = Few()
    var delta = Few()
    var planned = 0
    var isLast = false

    init(
        runs: Int, isImmediate: Bool = false, rewrites: Bool = false, hasWrongClock: Bool = false
    ) {
        self.runs = runs
        self.isImmediate = isImmediate
        self.rewrites = rewrites
        self.hasWrongClock = hasWrongClock
    }

    var mayFail: Bool {
        switch phase {
        case .putPack, .putSegment, .remove: true
        case .read, .listPacks, .listRest, .takeBack: false
        }
    }

    /// The run is over; the next one begins.
    mutating func endRun() {
        runs -= 1
        (stage, phase) = (.sweeping, .read)
        (removing, leaving) = (Objects(), Objects())
        (full, delta, pack) = (Few(), Few(), nil)
        isLast = false
    }
}

extension World {
    mutating func maintainerStep(_ index: Int, _ maintainer: Maintainer, fails: Bool) {
        var maintainer = maintainer
        guard maintainer.runs > 0 else {
            actors[index].isDone = true
            return
        }
        switch maintainer.phase {
        case .read:
            refresh(index)
            maintainer.phase = .listPacks
        case .listPacks:
            maintainer.now = store.clock
            maintainer.packsListed = store.there.packs
            maintainer.phase = .listRest
        case .listRest:
            if !follows(.timeIsAskedFirst) { maintainer.now = store.clock }
            let planning = planning(index, maintainer)
            if planning.use.isDamaged {
                maintainer.endRun()
            } else if maintainer.stage == .sweeping {
                sweep(index, &maintainer, planning)
            } else {
                condemn(index, &maintainer, planning)
            }
        case .putPack:
            if fails { maintainer.endRun() } else { putPack(&maintainer) }
        case .putSegment: putSegment(&maintainer, fails)
        case .remove:
            if fails { maintainer.endRun() } else { remove(&maintainer) }
        case .takeBack: takeBack(&maintainer)
        }
        actors[index].role = .maintainer(maintainer)
    }

    /// A pack is put, and a segment behind it.
    private mutating func putPack(_ maintainer: inout Maintainer) {
        maintainer.pack = store.putPack(full: maintainer.full, delta: maintainer.delta)
        maintainer.phase = .putSegment
    }

    private mutating func putSegment(_ maintainer: inout Maintainer, _ fails: Bool) {
        guard let pack = maintainer.pack, !fails else {
            maintainer.phase = .takeBack
            return
        }
        store.there.segments.insert(pack)
        maintainer.phase = .read
    }

    private mutating func remove(_ maintainer: inout Maintainer) {
        ask(toRemove: maintainer.removing)
        maintainer.removing = Objects()
        maintainer.phase = .read
    }

    mutating func ask(toRemove objects: Objects) {
        store.going.packs += objects.packs & store.there.packs
        store.going.segments += objects.segments & store.there.segments
        store.going.manifests += objects.manifests & store.there.manifests
    }

    private mutating func takeBack(_ maintainer: inout Maintainer) {
        if let pack = maintainer.pack {
            ask(toRemove: Objects(packs: [pack], segments: [pack]))
        }
        maintainer.endRun()
    }

    private mutating func sweep(
        _ index: Int, _ maintainer: inout Maintainer, _ planning: Planning
    ) {
        let leftovers = Objects(packs: planning.leftovers)
        ask(toRemove: leftovers)
        if !planning.revived.isEmpty {
            begin(.revive(limited(planning.revived)), by: index)
        } else if !planning.swept.isEmpty || !planning.dropped.isEmpty {
            maintainer.removing = limited(planning.swept)
            if !follows(.removalFollowsRecord) { ask(toRemove: maintainer.removing) }
            var objects = maintainer.removing
            objects.packs += planning.dropped
            begin(.sweep(objects), by: index)
        } else if maintainer.isLast {
            maintainer.endRun()
        } else {
            maintainer.stage = .condemning
            maintainer.leaving = planning.leaving
            maintainer.planned = actors[index].view.number
            (maintainer.full, maintainer.delta) = (planning.full, planning.delta)
            if (maintainer.full + maintainer.delta).isEmpty {
                condemn(index, &maintainer, planning)
            } else {
                maintainer.phase = .putPack
            }
        }
    }

    /// Appends what goes, as far as nothing needs it.
    private mutating func condemn(
        _ index: Int, _ maintainer: inout Maintainer, _ planning: Planning
    ) {
        if follows(.maintenanceMarksAgain) {
            maintainer.leaving.packs = maintainer.leaving.packs.filter { !planning.use.needs($0) }
            maintainer.leaving.packs -= planning.held
            maintainer.leaving.segments -= planning.held
            maintainer.leaving.manifests -= actors[index].view.manifests
        }
        if follows(.sweptIsNotCondemned) { maintainer.leaving.packs -= actors[index].view.swept }
        let isOvertaken =
            maintainer.pack != nil && actors[index].view.upheaval >= maintainer.planned
        if isOvertaken, follows(.rewritingIsGivenUp) {
            maintainer.phase = .takeBack
        } else if maintainer.leaving.isEmpty, maintainer.pack == nil {
            endCondemning(&maintainer)
        } else {
            begin(
                .condemn(limited(maintainer.leaving), replacement: maintainer.pack), by: index)
        }
    }

    /// What was condemned just now goes at once, when nobody is to wait.
    private func endCondemning(_ maintainer: inout Maintainer) {
        guard maintainer.isImmediate else { return maintainer.endRun() }
        maintainer.isLast = true
        (maintainer.stage, maintainer.phase) = (.sweeping, .read)
    }

    func limited(_ objects: Objects) -> Objects {
        objects.prefix(setting.recordObjectsMax, greatest: setting.newestFirst)
    }

    mutating func maintainerAppended(
        _ index: Int, _ maintainer: Maintainer, _ outcome: Appending.Outcome, _ event: Event?
    ) {
        var maintainer = maintainer
        maintainer.phase = .read
        switch (outcome, event) {
        case (.failed, _): maintainer.endRun()
        case (.overtaken, let event?) where !follows(.maintenanceMarksAgain):
            // The record is sent again as it is, behind the one that was first.
            refresh(index)
            begin(event, by: index)
        case (.appended, .sweep): maintainer.phase = .remove
        case (.appended, .condemn(let objects, _)):
            maintainer.leaving -= objects
            maintainer.pack = nil
            if maintainer.leaving.isEmpty { endCondemning(&maintainer) }
        default: break
        }
        actors[index].role = .maintainer(maintainer)
    }
}
