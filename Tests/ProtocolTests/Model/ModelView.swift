/// What the log adds up to, as far as somebody has read it.
struct View: Hashable {
    var number = 0
    var head = -1
    var live = Few()
    var segments = Few()
    /// Those that live snapshots have.
    var manifests = Few()
    var condemned = Objects()
    /// Swept once; a pack that is swept again is forgotten.
    var swept = Few()
    /// All of which it was read that they were swept.
    var sweptEver = Few()
    var held = Few()
    var keyring = 0
    /// The newest sweep; -1 for none.
    var upheaval = -1

    mutating func apply(_ record: Record, _ store: Store) {
        switch record.event {
        case .initial: break
        case .commit(let snapshot, let manifest, let segment):
            if !live.contains(snapshot) {
                live.insert(snapshot)
                manifests.insert(manifest)
            }
            if let segment {
                segments.insert(segment)
                held.remove(segment)
            }
        case .hold(let segment): held.insert(segment)
        case .forget(let snapshots):
            live -= snapshots
            manifests = manifests.filter { live.contains(store.manifests[$0].snapshot) }
        case .reseal(let snapshot, let manifest):
            if live.contains(snapshot) {
                manifests = manifests.filter { store.manifests[$0].snapshot != snapshot }
                manifests.insert(manifest)
            }
        case .condemn(let objects, let replacement):
            condemned += objects
            if let replacement { segments.insert(replacement) }
        case .revive(let objects): condemned -= objects
        case .sweep(let objects):
            condemned -= objects
            let again = swept & objects.packs
            swept = swept + objects.packs - again
            sweptEver += objects.packs
            segments -= objects.segments
            held -= objects.segments
            upheaval = number
        case .rotate(let keyring): self.keyring = keyring
        }
        pass(record)
    }

    /// Goes behind a record without believing it.
    mutating func pass(_ record: Record) {
        number += 1
        head = record.nonce
    }
}

extension Store {
    /// What was condemned at least so long ago, by the record that `view` stands on, and still is.
    func condemned(_ view: View, for age: Int, now: Int) -> Objects {
        var (due, condemned) = (Objects(), Objects())
        for record in log.prefix(view.number) {
            switch record.event {
            case .condemn(let objects, _):
                if now - record.made >= age { due += objects - condemned }
                condemned += objects
            case .revive(let objects), .sweep(let objects):
                due -= objects
                condemned -= objects
            default: break
            }
        }
        return due
    }

    /// Segments that a hold names which has not lapsed.
    func held(_ view: View, now: Int) -> Few {
        var held = Few()
        for record in log.prefix(view.number) {
            if case .hold(let segment) = record.event, now - record.made < Self.grace {
                held.insert(segment)
            }
        }
        return held & view.held
    }
}

extension World {
    /// Packs that the index answers from.
    func indexed(_ view: View) -> Few {
        view.segments - dead(view)
    }

    func dead(_ view: View) -> Few {
        guard follows(.sweptStaysDead) else { return Few() }
        return follows(.sweepsReadAreRemembered) ? view.sweptEver : view.swept
    }

    func hasFull(_ chunk: Int, in packs: Few) -> Bool {
        !packs.filter { store.packs[$0].full.contains(chunk) }.isEmpty
    }

    /// Whether the chunk can be read from these packs alone.
    func resolves(_ chunk: Int, in packs: Few) -> Bool {
        if hasFull(chunk, in: packs) { return true }
        guard let base = setting.base(of: chunk) else { return false }
        return !packs.filter { store.packs[$0].delta.contains(chunk) }.isEmpty
            && hasFull(base, in: packs)
    }
}
