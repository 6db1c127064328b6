/// What a prune is to do, as the log and the storage stand.
struct Planning {
    var use: Use
    /// Packs and segments of sessions that are still writing.
    var held = Few()
    var leftovers = Few()
    /// Swept packs that need not be remembered any more.
    var dropped = Few()
    var revived = Objects()
    var swept = Objects()
    /// All that is condemned, and what is written anew in its place.
    var leaving = Objects()
    var full = Few()
    var delta = Few()
}

extension World {
    /// With what is listed now: segments, manifests and records.
    func planning(_ index: Int, _ maintainer: Maintainer) -> Planning {
        let view = actors[index].view
        let leaving = view.condemned.packs + maintainer.leaving.packs
        let own: Few = maintainer.pack.map { [$0] } ?? []
        var planning = Planning(use: use(view, own: own, leaving: leaving))
        planning.leftovers = maintainer.packsListed & view.swept
        planning.dropped = view.swept - planning.leftovers
        let isRight = follows(.agesAreTheStorages) || !maintainer.hasWrongClock
        let now = isRight ? maintainer.now : maintainer.now + 1_000
        if follows(.holdProtects) { planning.held = store.held(view, now: now) }
        if follows(.sweptIsRememberedWhileNamed) {
            planning.dropped -= view.segments + planning.held
        }
        judgeCondemned(&planning, view, maintainer, now)
        condemnUnnamed(&planning, view, maintainer, now)
        condemnNamed(&planning, view, maintainer)
        return planning
    }

    private func judgeCondemned(
        _ planning: inout Planning, _ view: View, _ maintainer: Maintainer, _ now: Int
    ) {
        let grace = follows(.graceIsWaitedFor) ? Store.grace : 0
        var due = store.condemned(view, for: grace, now: now)
        if maintainer.isImmediate {
            due.packs += view.condemned.packs & view.segments
            due.segments += view.condemned.segments & view.segments
        }
        guard follows(.sweepMarksAgain) else {
            planning.swept = due
            return
        }
        let named = indexed(view)
        planning.revived.packs = view.condemned.packs.filter {
            named.contains($0) && planning.use.needs($0)
        }
        planning.revived.manifests = view.condemned.manifests & view.manifests
        planning.swept.packs = due.packs - planning.revived.packs
        planning.swept.manifests = due.manifests - view.manifests
        // A segment goes once its pack is gone.
        planning.swept.segments = due.segments - (named - planning.swept.packs)
    }

    /// What crashed writers left, and the manifests of forgotten snapshots.
    private func condemnUnnamed(
        _ planning: inout Planning, _ view: View, _ maintainer: Maintainer, _ now: Int
    ) {
        let held = planning.held
        let age = follows(.youngIsLeftAlone) ? 1 : 0
        let own: Few = maintainer.pack.map { [$0] } ?? []
        let free = { (pack: Int) in now - store.packs[pack].made >= age && !held.contains(pack) }
        let named = view.segments + own
        planning.leaving.packs = (maintainer.packsListed - named - view.swept).filter(free)
        planning.leaving.segments = (store.there.segments - named).filter(free)
        planning.leaving.manifests = (store.there.manifests - view.manifests).filter {
            now - store.manifests[$0].made >= age
        }
        planning.leaving -= view.condemned
    }

    private func condemnNamed(
        _ planning: inout Planning, _ view: View, _ maintainer: Maintainer
    ) {
        let standing = indexed(view) - view.condemned.packs
        let going = standing.filter { !planning.use.needs($0) }
        let partly = standing.filter { pack in
            let kept = planning.use.kept[pack]
            return maintainer.rewrites && !kept.isEmpty && kept != store.packs[pack].chunks
        }
        planning.leaving.packs += going + partly
        planning.leaving.segments += (going + partly) - view.condemned.segments
        rewrite(partly, &planning)
    }

    /// With its base the only delta on it becomes a full chunk, when both are written anew.
    private func rewrite(_ partly: Few, _ planning: inout Planning) {
        var dropped: [(chunk: Int, pack: Int)] = []
        var encodedAnew = Few()
        for (chunk, base) in planning.use.bases where planning.leaving.packs.contains(base.pack) {
            guard base.deltas.count == 1, let delta = base.deltas.first,
                planning.leaving.packs.contains(delta.pack)
            else { continue }
            encodedAnew.insert(delta.chunk)
            dropped.append((chunk, base.pack))
        }
        partly.visit { pack in
            planning.use.kept[pack].visit { chunk in
                if dropped.contains(where: { $0 == (chunk, pack) }) { return }
                let isDelta =
                    !store.packs[pack].full.contains(chunk) && !encodedAnew.contains(chunk)
                if isDelta { planning.delta.insert(chunk) } else { planning.full.insert(chunk) }
            }
        }
        planning.delta -= planning.full
    }
}
