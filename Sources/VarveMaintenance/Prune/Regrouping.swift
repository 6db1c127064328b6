import VarveFormat
import VarveRepository
import VarveSystem

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
        var found = InOrder(directory: repository.cacheDirectory)
        let newest = Self.newest(state)
        for entry in newest where !found.snapshots.contains(entry.id) {
            let references = try repository.references(entry)
            let cost = try ReadingCost(
                references, repository, repository.catalog(following: state), use)
            if cost.isScattered {
                scattered.append((references, cost))
            } else {
                found.snapshots.insert(entry.id)
            }
        }
        found.save(Set(newest.map(\.id)))
    }

    private static func newest(
        _ state: RepositoryState
    ) -> [RepositoryState.SnapshotEntry] {
        var newest: [[String]: RepositoryState.SnapshotEntry] = [:]
        for entry in state.snapshots {
            newest[[entry.summary.host] + entry.summary.sources] = entry
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

/// This machine's memory of which snapshots were found not to be scattered.
///
/// When it is wrong or gone a snapshot is put in order later, or looked at once more.
private struct InOrder {
    var snapshots: Set<SnapshotID> = []
    private let path: String

    private static let bytesMax = 1 << 20

    init(directory: String) {
        path = directory + "/in-order"
        guard let bytes = try? File.contents(of: path, limit: Self.bytesMax) else { return }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        snapshots = Set(lines.compactMap { SnapshotID(hex: String($0)) })
    }

    /// Remembers those in `known`.
    mutating func save(_ known: Set<SnapshotID>) {
        let lines = snapshots.intersection(known).map(\.hex).sorted()
        let text = lines.map { $0 + "\n" }.joined()
        let temporary = path + ".tmp-" + randomName(byteCount: 8)
        do {
            try File.makeDirectories(File.parent(of: path))
            try File.createExclusively(temporary, mode: 0o600).write(Array(text.utf8))
            try File.rename(temporary, to: path)
        } catch {
            try? File.remove(temporary)
        }
    }
}
