import Synchronization
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

/// What a check of some storage told, on a machine that has never seen it.
struct Checked {
    var report: CheckReport
    private var hits: [SnapshotID: Set<DamagedPart>]

    init(
        _ storage: any Storage, of scene: Scene, reading selection: PackSelection = .none
    ) throws {
        let repository = try scene.open(storage, machine: "check-\(randomName())")
        try self.init(repository, reading: selection)
    }

    init(_ repository: Repository, reading selection: PackSelection = .none) throws {
        let told = Mutex<[SnapshotID: Set<DamagedPart>]>([:])
        report = try repository.check(reading: selection) { event in
            guard case .hit(let snapshot, let part) = event else { return }
            told.withLock { _ = $0[snapshot, default: []].insert(part) }
        }
        hits = told.withLock { $0 }
    }

    /// The names of the damaged objects.
    var damaged: Set<String> {
        Set(report.findings.filter { $0.weight == .damage }.map(\.object))
    }

    var warned: Set<String> {
        Set(report.findings.filter { $0.weight == .warning }.map(\.object))
    }

    /// What of each snapshot is hit, files and directories by their names in the scene.
    func hits(in scene: Scene) -> [SnapshotID: Set<String>] {
        let root = scene.path + "/tree"
        return hits.mapValues { parts in
            Set(
                parts.map { part in
                    switch part {
                    case .everything: "everything"
                    case .statList: "stat list"
                    case .directory(let path):
                        String(decoding: path, as: UTF8.self).replacing(root, with: "") + "/"
                    case .file(let path):
                        String(decoding: path, as: UTF8.self).replacing(root + "/", with: "")
                    }
                })
        }
    }
}

/// What happens to a stored object.
enum Harm: CaseIterable {
    case flipped, removed, shortened

    func befall(_ name: String, in storage: MemoryStorage) {
        guard var bytes = storage.contents[name] else { return }
        switch self {
        case .flipped:
            bytes[bytes.count / 2] ^= 4
            storage.overwrite(name, bytes)
        case .removed: storage.removeQuietly(name)
        case .shortened: storage.overwrite(name, Array(bytes.dropLast(bytes.count / 2)))
        }
    }
}
