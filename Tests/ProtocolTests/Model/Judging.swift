/// What must hold at every moment.
extension World {
    /// Looks at a record right before it takes effect.
    mutating func judge(_ record: Record) {
        let isForged = isForged(record)
        if record.previous != truth.head { fail("record \(truth.number) follows another one") }
        if !isForged, record.epoch != store.keyrings[truth.keyring].current {
            fail("record \(truth.number) is sealed under an old epoch")
        }
        switch record.event {
        case .initial, .hold, .revive: break
        case .commit(let snapshot, let manifest, _), .reseal(let snapshot, let manifest):
            if store.manifests[manifest].snapshot != snapshot { fail("a manifest is another's") }
            if store.manifests[manifest].epoch != store.keyrings[truth.keyring].current {
                fail("a manifest is sealed under an old epoch")
            }
        case .forget(let snapshots):
            if !isForged { forgotten += snapshots }
        case .condemn(let objects, _): judgeUnnamed(objects)
        case .sweep(let objects): judgeAge(objects)
        case .rotate(let keyring):
            if !store.keyringsThere.contains(keyring) { fail("a keyring is missing") }
            let epochs = store.keyrings[truth.keyring].epochs
            if !epochs.isSubset(of: store.keyrings[keyring].epochs) { fail("an epoch is lost") }
        }
    }

    func isForged(_ record: Record) -> Bool {
        let index = record.nonce / Record.attemptsMax - 1
        guard index >= 0, case .intruder = actors[index].role else { return false }
        return record.epoch != store.keyrings[truth.keyring].current
    }

    /// A writer has a day for what no record names, and longer with holds.
    private mutating func judgeUnnamed(_ objects: Objects) {
        let held = store.held(truth, now: store.clock)
        let isYoung = !(objects.packs + objects.segments).allSatisfy { pack in
            truth.segments.contains(pack) || truth.sweptEver.contains(pack)
                || store.clock - store.packs[pack].made >= 1 && !held.contains(pack)
        }
        if isYoung { fail("what a writer has just written is condemned") }
    }

    /// Readers have a grace period.
    private mutating func judgeAge(_ objects: Objects) {
        let due = store.condemned(truth, for: Store.grace, now: store.clock)
        let mayGo = isAnyImmediate ? due.packs + truth.segments : due.packs
        if !objects.packs.isSubset(of: mayGo + truth.swept) {
            fail("a pack is swept before its time")
        }
    }

    private var isAnyImmediate: Bool {
        actors.contains { actor in
            if case .maintainer(let maintainer) = actor.role {
                maintainer.isImmediate
            } else {
                false
            }
        }
    }

    /// Everything that a snapshot needs can be read.
    mutating func checkNow() {
        let standing = store.standing
        let packs = (truth.segments & standing.segments & standing.packs) - truth.swept
        if !truth.live.allSatisfy({ isClosed($0, packs) }) { fail("a snapshot is not whole") }
        if !truth.manifests.isSubset(of: standing.manifests) { fail("a manifest is missing") }
        if !truth.segments.isSubset(of: standing.segments) { fail("a segment is missing") }
        if !truth.segments.isSubset(of: standing.packs + truth.swept) {
            fail("a pack is gone that is named and not swept")
        }
        let staying = packs - truth.condemned.packs
        let isReadable = staying.allSatisfy { pack in
            store.packs[pack].delta.allSatisfy { hasFull(setting.resembles[$0], in: packs) }
        }
        if !isReadable { fail("a delta that stays has lost its base") }
    }

    private func isClosed(_ snapshot: Int, _ packs: Few) -> Bool {
        setting.contents[snapshot].allSatisfy { resolves($0, in: packs) }
    }

    /// Looks at what is left when everybody has ended.
    mutating func checkEnd() {
        while let step = remainder {
            take(step)
        }
        if !reported.isSubset(of: truth.live + forgotten) { fail("a commit is lost") }
        if actors.contains(where: { $0.view.live - truth.live - forgotten != Few() }) {
            fail("somebody saw a snapshot that is not there")
        }
    }

    private var remainder: Step? {
        if !store.underWay.isEmpty { return Step(kind: .arrival) }
        if !store.going.packs.isEmpty { return Step(kind: .packsGo) }
        if !store.going.segments.isEmpty { return Step(kind: .segmentsGo) }
        if !store.going.manifests.isEmpty { return Step(kind: .manifestsGo) }
        return nil
    }
}
