import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

/// What a storage holds and how old it is, by its own clock.
struct StorageSurvey {
    private(set) var packs: [PackID: StoredObject] = [:]
    private(set) var segments: [SegmentID: StoredObject] = [:]
    private(set) var manifests: [ManifestID: StoredObject] = [:]
    private(set) var states: [StateID: StoredObject] = [:]
    /// When each record that the state waits for was made; for one that is lost, the next there is.
    private var records: [UInt64: Int64] = [:]
    /// The storage's time before anything was listed, in nanoseconds since 1970.
    private(set) var now: Int64

    /// Looks at everything but the log, of which only those records count that `state` still waits for.
    ///
    /// A storage that takes nothing to tell its time by is as old as its newest record, by which nothing
    /// is older than it is; a full one gives up its reserve for that only if it is named.
    init(
        _ storage: any Storage, _ state: RepositoryState,
        givingUpReserveOf full: DirectoryStorage? = nil
    ) throws {
        do {
            // Asked for later, a pause between two listings would make what came in it old: a segment
            // could go without the pack that it names, and its writer not notice.
            let asked = try Self.time(of: storage, givingUpReserveOf: full)
            for object in try storage.list(ObjectName.packs) {
                if let id = PackID(hex: object.id) { packs[id] = object }
            }
            for object in try storage.list(ObjectName.segments) {
                if let id = SegmentID(hex: object.id) { segments[id] = object }
            }
            for object in try storage.list(ObjectName.snapshots) {
                if let id = ManifestID(hex: object.id) { manifests[id] = object }
            }
            for object in try storage.list(ObjectName.states) {
                if let id = StateID(hex: object.id) { states[id] = object }
            }
            let awaited = state.condemned.map(\.recordNumber) + state.holds.map(\.recordNumber)
            let first = min(awaited.min() ?? .max, state.number - 1)
            let behind = first > 0 ? ObjectName.record(first - 1) : nil
            var waiting = Set(awaited).sorted(by: >)
            var newest = Int64.min
            for object in try storage.list(ObjectName.log, after: behind) {
                guard let number = ObjectName.recordNumber(object.name) else { continue }
                newest = max(newest, object.modified)
                while let next = waiting.last, next <= number {
                    records[next] = object.modified
                    waiting.removeLast()
                }
            }
            now = asked ?? newest
        } catch {
            throw RepositoryError.storage(error)
        }
    }

    /// The time that the storage gives to what is put now; nil when it takes nothing, or is full.
    private static func time(
        of storage: any Storage, givingUpReserveOf full: DirectoryStorage?
    ) throws(StorageError) -> Int64? {
        let name = "probe/time-" + randomName(byteCount: 8)
        do {
            try storage.put(name, [0])
        } catch {
            guard error.kind == .refused || error.kind == .noSpace else { throw error }
            guard error.kind == .noSpace, let full, try full.hasReserve else { return nil }
            try full.releaseReserve()
            return try time(of: storage, givingUpReserveOf: nil)
        }
        defer { try? storage.remove(name) }
        return try storage.list("probe/").first { $0.name == name }?.modified
    }

    /// A pack or a manifest that a snapshot needs, and that surely cannot be read whole.
    func unfit(
        for use: RepositoryUse, _ state: RepositoryState
    ) -> (object: String, reason: String)? {
        let unfit = use.packs.filter { id, pack in
            pack.isNeeded && (packs[id].map { $0.bytes < pack.packBytesMin } ?? true)
        }
        if let (id, pack) = unfit.min(by: { $0.key < $1.key }) {
            let reason = packs[id].map {
                "it has \($0.bytes) bytes, and should have \(pack.packBytesMin) at least"
            }
            return ("pack \(id)", (reason ?? "it is missing") + ", and snapshots need it")
        }
        return state.snapshots.first { manifests[$0.manifest] == nil }.map {
            (ObjectName.manifest($0.manifest), "it is missing, and a snapshot needs it")
        }
    }

    /// Whether a record that the state waits for is older than so many seconds.
    func isRecord(_ number: UInt64, olderThan seconds: Int) -> Bool {
        records[number].map { isOlder($0, seconds) } ?? false
    }

    /// What a writer has not touched since then it has given up.
    func time(before parameters: RepositoryParameters) -> Int64 {
        let patience = Int64(max(parameters.gracePeriodSeconds, Self.abandonedSeconds))
        let (time, overflow) = now.subtractingReportingOverflow(patience * 1_000_000_000)
        return overflow ? .min : time
    }

    private static let abandonedSeconds = 86_400

    /// Whether an object is so old that nobody is still about to name it.
    func isAbandoned(_ object: StoredObject) -> Bool {
        isOlder(object.modified, Self.abandonedSeconds)
    }

    private func isOlder(_ time: Int64, _ seconds: Int) -> Bool {
        let (age, overflow) = now.subtractingReportingOverflow(time)
        return !overflow && age / 1_000_000_000 > seconds
    }
}

extension StoredObject {
    /// The last part of its name.
    fileprivate var id: String { String(name.suffix(64)) }
}
