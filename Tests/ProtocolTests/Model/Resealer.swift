/// Seals manifests that older epochs sealed anew, each under a new name.
struct Resealer: Hashable {
    enum Phase: Hashable { case read, putManifest }

    /// How often it looks for such a manifest.
    var looks: Int
    var phase = Phase.read
    /// What it is about to replace, and by what; -1 for none.
    var replaced = -1
    var manifest = -1
    /// The log before the manifest was there.
    var manifestNumber = 0

    init(looks: Int) { self.looks = looks }
}

extension World {
    mutating func resealerStep(_ index: Int, _ resealer: Resealer) {
        var resealer = resealer
        switch resealer.phase {
        case .read: readBeforeResealing(index, &resealer)
        case .putManifest:
            let snapshot = store.manifests[resealer.replaced].snapshot
            resealer.manifest = store.putManifest(snapshot, epoch: epoch(of: index))
            resealer.manifestNumber = actors[index].view.number
            reseal(index, &resealer)
        }
        actors[index].role = .resealer(resealer)
    }

    private mutating func readBeforeResealing(_ index: Int, _ resealer: inout Resealer) {
        refresh(index)
        let view = actors[index].view
        if resealer.replaced < 0 || !view.manifests.contains(resealer.replaced) {
            (resealer.replaced, resealer.manifest) = (-1, -1)
            guard resealer.looks > 0 else {
                actors[index].isDone = true
                return
            }
            resealer.looks -= 1
            let old = view.manifests.filter { store.manifests[$0].epoch != epoch(of: index) }
            guard let first = old.first else { return }
            resealer.replaced = first
        }
        let isUsable =
            resealer.manifest >= 0
            && store.manifests[resealer.manifest].epoch == epoch(of: index)
            && (view.upheaval < resealer.manifestNumber || !follows(.resealedIsSealedAnew))
        if isUsable { reseal(index, &resealer) } else { resealer.phase = .putManifest }
    }

    private mutating func reseal(_ index: Int, _ resealer: inout Resealer) {
        let snapshot = store.manifests[resealer.replaced].snapshot
        begin(.reseal(snapshot: snapshot, manifest: resealer.manifest), by: index)
        resealer.phase = .read
    }

    mutating func resealerAppended(
        _ index: Int, _ resealer: Resealer, _ outcome: Appending.Outcome
    ) {
        var resealer = resealer
        switch outcome {
        case .appended: (resealer.replaced, resealer.manifest) = (-1, -1)
        // The manifest may do for the next number.
        case .overtaken: break
        case .failed: actors[index].isDone = true
        }
        actors[index].role = .resealer(resealer)
    }
}
