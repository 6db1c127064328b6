import VarveFormat

/// The most bases that one search for candidates weighs, and the most it answers.
private let basesWeighedMax = 32
private let candidatesMax = 3

/// How many of the three features lead to a base.
private struct Tally {
    let base: UInt64
    var matches = 1
    var lastSlot: Int
}

extension CatalogState {
    /// Up to three live full chunks behind `features`, those first that more features lead to.
    func candidates(
        _ features: SuperFeatures, _ cursor: inout CatalogCursor
    ) throws(CatalogError) -> [CatalogCandidate] {
        var tallies: [Tally] = []
        try count(features.first, slot: 0, &tallies, &cursor)
        try count(features.second, slot: 1, &tallies, &cursor)
        try count(features.third, slot: 2, &tallies, &cursor)
        var candidates: [CatalogCandidate] = []
        for matches in stride(from: 3, to: 0, by: -1) {
            for tally in tallies where tally.matches == matches {
                guard let found = try fullChunk(tally.base, &cursor.chunks) else { continue }
                candidates.append(found)
                if candidates.count == candidatesMax { return candidates }
            }
        }
        return candidates
    }

    private func count(
        _ feature: UInt32, slot: Int, _ tallies: inout [Tally], _ cursor: inout CatalogCursor
    ) throws(CatalogError) {
        let key = FeatureEntry.key(feature)
        for run in runs {
            let table = run.features
            try table.load(table.bucket(of: key), of: run, into: &cursor.features)
            var index = cursor.features.lowerBound(key)
            while index < cursor.features.count {
                let entry = FeatureEntry(pointer: cursor.features[index])
                guard entry.feature == feature else { break }
                let base = entry.base
                if let known = tallies.firstIndex(where: { $0.base == base }) {
                    // The same feature may lead to the same base in several runs.
                    if tallies[known].lastSlot != slot { tallies[known].matches += 1 }
                    tallies[known].lastSlot = slot
                } else if tallies.count < basesWeighedMax {
                    tallies.append(Tally(base: base, lastSlot: slot))
                }
                index += 1
            }
        }
    }
}
