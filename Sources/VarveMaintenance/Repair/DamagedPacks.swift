import VarveFormat
import VarveRepository
import VarveStorage

/// What of the packs that the log names cannot be read, found by reading them all.
struct DamagedPacks {
    struct Pack {
        var pack: IndexedPack
        /// A segment that names it.
        var segment: SegmentID
        /// Copies in it that cannot be read.
        var copies: Set<ChunkID>
        var isMissing = false
        /// It is not what it was when it was written, whether a copy in it is lost or not.
        var isDamaged = true
    }

    /// Those that are damaged, and those of which something is known to be lost.
    private(set) var packs: [PackID: Pack] = [:]
    /// What kind each pack is of that the segments name.
    private(set) var contents: [PackID: PackContents] = [:]
    private(set) var packsRead = 0
    private(set) var bytesRead = 0

    /// How many are named, when none of them is in the storage.
    var countIfAllAreMissing: Int? {
        !named.isEmpty && packs.values.count(where: \.isMissing) == named.count ? named.count : nil
    }

    private let repository: Repository
    private var named: [PackID: (pack: IndexedPack, segment: SegmentID)] = [:]

    init(
        _ repository: Repository, _ state: RepositoryState, _ observer: @escaping RepairObserver
    ) throws {
        self.repository = repository
        try readSegments(state)
        let present = try findMissing(state) { observer(.found($0)) }
        let answer = try PackReading(repository) { event in
            switch event {
            case .reading(_, let bytes): observer(.reading(bytes: bytes))
            case .read(let bytes): observer(.read(bytes: bytes))
            case .found, .hit: break
            }
        }.run(
            present, CheckedPacks(directory: repository.placeDirectory), all: Set(named.keys))
        (packsRead, bytesRead) = (answer.packs, answer.bytes)
        for finding in answer.findings { observer(.found(finding)) }
        for (pack, damage) in answer.damaged where !damage.reasons.isEmpty {
            guard let segment = named[pack.id]?.segment else { continue }
            packs[pack.id] = Pack(pack: pack, segment: segment, copies: damage.copies)
        }
        // A pack that came back may hold what was given up.
        for id in Set(state.lost.map(\.pack)) where packs[id] == nil {
            guard let (pack, segment) = named[id] else { continue }
            packs[id] = Pack(pack: pack, segment: segment, copies: [], isDamaged: false)
        }
    }

    private mutating func readSegments(_ state: RepositoryState) throws {
        let swept = state.sweptPacks
        let condemned = state.condemnedSegments
        for id in state.segments {
            do {
                for pack in try repository.segment(id).packs where !swept.contains(pack.id) {
                    named[pack.id] = (IndexedPack(pack), id)
                    contents[pack.id] = pack.table.contents
                }
            } catch RepositoryError.damaged(let object, let reason, _) {
                guard !condemned.contains(id) else { continue }
                throw RepositoryError.damaged(
                    object: object, reason: reason, affects: "run `varve repair index` first")
            }
        }
    }

    /// Notes the missing ones, and returns the others.
    private mutating func findMissing(
        _ state: RepositoryState, _ found: (CheckFinding) -> Void
    ) throws -> [(pack: IndexedPack, segment: SegmentID)] {
        let stored: Set<String>
        do {
            stored = Set(try repository.storage.list(ObjectName.packs).map(\.name))
        } catch {
            throw RepositoryError.storage(error)
        }
        let all = named.sorted { $0.key < $1.key }.map(\.value)
        let missing = all.filter { !stored.contains($0.pack.name) }
        guard !missing.isEmpty else { return all }
        for (pack, segment) in missing {
            found(CheckFinding(.damage, pack.name, "it is missing"))
            let table = try repository.segment(segment).packs.first { $0.id == pack.id }?.table
            let chunks = table?.frames.flatMap(\.chunks).map(\.id) ?? []
            packs[pack.id] = Pack(
                pack: pack, segment: segment, copies: Set(chunks), isMissing: true)
        }
        try repository.distrustCache(missing: Set(missing.map(\.pack.id)))
        return all.filter { stored.contains($0.pack.name) }
    }

    /// The table of contents of a pack: its own if that is the one in the segment, else the segment's.
    func table(of pack: Pack) throws -> TableOfContents {
        if let own = try? repository.tableOfContents(of: pack.pack.name).table,
            pack.pack.isTable(own)
        {
            return own
        }
        return try repository.segment(pack.segment).packs.first { $0.id == pack.pack.id }?.table
            ?? TableOfContents(contents: pack.pack.contents)
    }
}
