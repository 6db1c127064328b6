/// Which copies of chunks are kept, as prune decides it.
struct Use {
    /// Of each pack the chunks that are needed in it.
    var kept: [Few]
    /// Bases that nothing but deltas needs: where the kept copy lies, and the deltas on it.
    var bases: [Int: Base] = [:]
    /// Something that a snapshot needs is nowhere.
    var isDamaged = false

    struct Base {
        var pack: Int
        var deltas: [(chunk: Int, pack: Int)] = []
    }

    func needs(_ pack: Int) -> Bool { !kept[pack].isEmpty }
}

extension World {
    func use(_ view: View, own: Few, leaving: Few) -> Use {
        let packs = indexed(view) + own
        var needed = Few()
        view.live.visit { needed += setting.contents[$0] }
        var use = Use(kept: .init(repeating: Few(), count: store.packs.count))
        needed.visit { chunk in
            if let copy = best(chunk, packs, leaving, fullOnly: false) {
                use.kept[copy].insert(chunk)
            } else {
                use.isDamaged = true
            }
        }
        let deltas = deltasThatKeep(use, packs, leaving)
        for chunk in 0..<setting.chunks {
            let on = deltas.filter { setting.base(of: $0.chunk) == chunk }
            let isKeptFull = packs.filter {
                use.kept[$0].contains(chunk) && store.packs[$0].full.contains(chunk)
            }
            guard !on.isEmpty, isKeptFull.isEmpty,
                let copy = best(chunk, packs, leaving, fullOnly: true)
            else { continue }
            use.bases[chunk] = Use.Base(pack: copy, deltas: on)
        }
        for (chunk, base) in use.bases { use.kept[base.pack].insert(chunk) }
        release(&use, leaving)
        return use
    }

    private func deltasThatKeep(
        _ use: Use, _ packs: Few, _ leaving: Few
    ) -> [(chunk: Int, pack: Int)] {
        var deltas: [(chunk: Int, pack: Int)] = []
        packs.visit { pack in
            store.packs[pack].delta.visit { chunk in
                let isKept = use.kept[pack].contains(chunk)
                let isIdle = !isKept && !leaving.contains(pack)
                if isKept && follows(.keptDeltaKeepsBase) || isIdle && follows(.idleDeltaKeepsBase)
                {
                    deltas.append((chunk, pack))
                }
            }
        }
        return deltas
    }

    /// In a pack that stays rather than in one that goes, full rather than a delta, the older.
    private func best(_ chunk: Int, _ packs: Few, _ leaving: Few, fullOnly: Bool) -> Int? {
        let full = packs.filter { store.packs[$0].full.contains(chunk) }
        let deltas = packs.filter { store.packs[$0].delta.contains(chunk) }
        if let found = (full - leaving).first { return found }
        if !fullOnly, let found = (deltas - leaving).first { return found }
        return full.first ?? (fullOnly ? nil : deltas.first)
    }

    /// A pack in which nothing is needed takes its deltas with it, and they need no base.
    private func release(_ use: inout Use, _ leaving: Few) {
        var isDone = false
        while !isDone {
            isDone = true
            for (chunk, base) in use.bases
            where !(follows(.baseWaitsForItsDeltas) && leaving.contains(base.pack))
                && base.deltas.allSatisfy({ !use.needs($0.pack) })
            {
                use.bases[chunk] = nil
                use.kept[base.pack].remove(chunk)
                isDone = false
            }
        }
    }
}
