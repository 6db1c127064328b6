import VarveFormat
import VarveRepository

/// Snapshots that are scattered over so many frames that what they need is to be put in order.
struct Regrouping {
    /// What each of them refers to itself, and what reading it costs.
    private(set) var scattered: [(references: [Reference], cost: ReadingCost)] = []

    static let none = Regrouping()

    /// So that what is remembered of them stays small.
    private static let chunksMax = 1 << 18

    private init() {}

    /// Looks at the newest snapshot of each host and its sources.
    init(_ repository: Repository, _ state: RepositoryState, _ use: RepositoryUse) throws {
        // When it is wrong or gone a snapshot is put in order later, or looked at once more.
        let remembered = RememberedLines("in-order", in: repository.cacheDirectory)
        let known = Set(remembered.lines.compactMap { SnapshotID(hex: String($0)) })
        var inOrder: [SnapshotID] = []
        for entry in Self.newest(state) {
            if known.contains(entry.id) {
                inOrder.append(entry.id)
                continue
            }
            let references = try repository.references(entry)
            let cost = try ReadingCost(
                references, repository, repository.catalog(following: state), use)
            if cost.isScattered {
                scattered.append((references, cost))
            } else {
                inOrder.append(entry.id)
            }
        }
        remembered.save(inOrder.map { Substring($0.hex) })
    }

    private static func newest(
        _ state: RepositoryState
    ) -> [RepositoryState.SnapshotEntry] {
        var newest: [[ExactText]: RepositoryState.SnapshotEntry] = [:]
        for entry in state.snapshots {
            newest[([entry.summary.host] + entry.summary.sources).exact] = entry
        }
        return newest.values.sorted { $0.recordNumber < $1.recordNumber }
    }

    /// The packs to write anew, those first that waste most; so many that this run can hold in order.
    var packs: [PackID] {
        var (chosen, known, chunks) = ([PackID](), Set<PackID>(), 0)
        for (_, cost) in scattered {
            for pack in cost.packs where known.insert(pack).inserted {
                let more = scattered.reduce(0) { $0 + ($1.cost.chunksNeeded[pack] ?? 0) }
                guard chunks + more <= Self.chunksMax || chosen.isEmpty else { return chosen }
                chunks += more
                chosen.append(pack)
            }
        }
        return chosen
    }

    /// What is to be put in order of a frame.
    func contains(_ position: UInt16, of frame: ReadingCost.Frame) -> Bool {
        scattered.contains { $0.cost.needed[frame]?.contains(position) ?? false }
    }
}
