import VarveFormat
import VarveRepository
import VarveStorage

/// What the storage holds beside what the segments that can be read say.
struct UnnamedPacks {
    struct Pack {
        var contents: PackContents
        var bytes: Int
        /// By the storage's clock.
        var modified: Int64
    }

    /// Packs that no whole segment names, and that are not swept.
    private(set) var packs: [PackID: Pack] = [:]
    /// Those that no record ever named, or that a hold names: a session that has not committed may
    /// still take them back.
    private(set) var passing: Set<PackID> = []
    /// Packs that are named, and are not there.
    private(set) var missing: Set<PackID> = []
    /// Packs that are named, and are there.
    private(set) var named: Set<PackID> = []
    /// Segments that cannot be read, and are not condemned.
    private(set) var segmentsDamaged: [SegmentID] = []

    init(
        _ repository: Repository, _ state: RepositoryState,
        found: (CheckFinding) -> Void = { _ in }
    ) throws {
        let condemned = state.condemnedSegments
        for id in state.segments {
            do {
                named.formUnion(try repository.segment(id).packs.map(\.id))
            } catch {
                let finding = try CheckFinding(error)
                guard !condemned.contains(id) else { continue }
                segmentsDamaged.append(id)
                found(finding)
            }
        }
        let swept = state.sweptPacks
        missing = named.subtracting(swept)
        for contents in PackContents.allCases {
            for object in try Self.list(repository, contents) {
                guard let id = PackID(hex: String(object.name.suffix(64))), !swept.contains(id),
                    missing.remove(id) == nil
                else { continue }
                packs[id] = Pack(
                    contents: contents, bytes: object.bytes, modified: object.modified)
            }
        }
        named.subtract(missing)
        try findPassing(repository, state)
    }

    private mutating func findPassing(_ repository: Repository, _ state: RepositoryState) throws {
        // Only a damaged segment may have named one.
        guard !segmentsDamaged.isEmpty else {
            passing = Set(packs.keys)
            return
        }
        for id in state.holds.flatMap(\.segments) {
            do {
                passing.formUnion(try repository.segment(id).packs.map(\.id))
            } catch RepositoryError.damaged {
                // A session that has ended may have taken it back.
            }
        }
        passing.formIntersection(packs.keys)
    }

    private static func list(
        _ repository: Repository, _ contents: PackContents
    ) throws -> [StoredObject] {
        do {
            return try repository.storage.list(contents == .data ? "packs/data/" : "packs/meta/")
        } catch {
            throw RepositoryError.storage(error)
        }
    }
}
