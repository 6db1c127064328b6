import VarveFormat
import VarveStorage

/// What a storage holds that says something of snapshots, and when it came, by the storage's clock.
struct StorageListing {
    private(set) var records: [UInt64: Int64] = [:]
    private(set) var manifests: [(id: ManifestID, modified: Int64)] = []
    private(set) var segments: [SegmentID] = []
    /// The newest first.
    private(set) var states: [StateID] = []

    init(_ storage: any Storage) throws {
        do {
            for object in try storage.list(ObjectName.log) {
                if let number = ObjectName.recordNumber(object.name) {
                    records[number] = object.modified
                }
            }
            for object in try storage.list(ObjectName.snapshots) {
                if let id = ManifestID(hex: String(object.name.suffix(64))) {
                    manifests.append((id, object.modified))
                }
            }
            manifests.sort { ($0.modified, $0.id) < ($1.modified, $1.id) }
            segments = try storage.list(ObjectName.segments).compactMap {
                SegmentID(hex: String($0.name.suffix(64)))
            }
            states = try storage.list(ObjectName.states)
                .sorted { ($0.modified, $0.name) > ($1.modified, $1.name) }
                .compactMap { StateID(hex: String($0.name.suffix(64))) }
        } catch {
            throw RepositoryError.storage(error)
        }
    }
}
