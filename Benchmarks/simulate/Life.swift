import TestSupport
import VarveArchive
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveMaintenance
import VarveRepository
import VarveStorage
import VarveSystem

struct Difference: Error, CustomStringConvertible {
    var description: String
}

/// A repository in memory, and everything that happens to it hour by hour.
final class Life {
    private let memory = MemoryStorage()
    private let storage: FaultyStorage
    private let secret: SlotSecret
    private let scratch: ScratchDirectory
    private var tree: ChangingTree
    private var random: SeededNumbers
    /// What each live snapshot held.
    private var model: [SnapshotID: [String: [UInt8]]] = [:]
    /// Seconds since 1970.
    private var seconds = 1_700_000_000
    private(set) var year = YearFigures()

    private static let rules: [RetentionRule] = [
        .newest(.hourly, .limited(48)), .newest(.daily, .limited(30)),
        .newest(.weekly, .limited(12)), .newest(.monthly, .limited(24)),
        .newest(.yearly, .limited(3)),
    ]

    init(seed: UInt64) throws {
        storage = FaultyStorage(memory)
        scratch = try ScratchDirectory()
        random = SeededNumbers(seed)
        tree = try ChangingTree(scratch.path + "/tree", seed: random.next())
        secret = .keyFile(try SecretBytes.random(byteCount: 32))
        memory.setClock(Int64(seconds) * 1_000_000_000)
        var options = CreationOptions()
        options.packBytes = 4 << 20
        _ = try Repository.create(in: storage, options: options, directories: directories) {
            [secret] _ in secret
        }
    }

    private var directories: LocalDirectories {
        LocalDirectories(cache: scratch.path + "/cache", state: scratch.path + "/state")
    }

    func liveOneYear(days: Int) throws -> YearFigures {
        year = YearFigures()
        for day in 0..<days {
            for _ in 0..<24 { try liveOneHour() }
            try tidy()
            if day % 7 == 6 { try restoreOne() }
            if day % 91 == 90 { try rotate() }
        }
        try checkAll()
        try count()
        return year
    }

    /// As a machine does it that starts the program every hour.
    private func open() throws -> Repository {
        storage.reset()
        let repository = try year.measure("open") {
            try Repository.open(storage, secret: secret, directories: directories)
        }
        year.recordsToOpen = max(year.recordsToOpen, storage.logReads)
        return repository
    }

    private func liveOneHour() throws {
        seconds += 3600
        memory.setClock(Int64(seconds) * 1_000_000_000)
        try tree.change()
        let repository = try open()
        let options = SnapshotOptions(
            time: Int64(seconds) * 1_000_000_000, host: "host", user: "user", program: "simulate")
        let report = try year.measure("snapshot") {
            try takeSnapshot(of: .paths([tree.path]), into: repository, options) { _ in }
        }
        guard let id = report.snapshot else { throw Difference(description: "no snapshot") }
        model[id] = tree.files
    }

    /// What runs every night.
    private func tidy() throws {
        let repository = try open()
        try year.measure("forget") {
            guard let policy = RetentionPolicy(Self.rules) else { return }
            let dating = try SnapshotDating(of: repository)
            let plan = RetentionPlan(
                try repository.state.snapshots.map { try dating.judge($0, in: repository) }, policy,
                by: [.host, .source], RetentionCalendar { _ in 0 }, latest: dating.latest)
            _ = try repository.forget(by: plan)
        }
        let live = Set(repository.state.snapshots.map(\.id))
        model = model.filter { live.contains($0.key) }
        _ = try year.measure("prune") { try repository.prune(PruneOptions()) }
    }

    /// Four times a year a new epoch begins, and what older ones sealed is sealed anew.
    private func rotate() throws {
        let repository = try open()
        try year.measure("rotate") {
            _ = try repository.rotateKeys()
            var options = PruneOptions()
            options.reseals = true
            _ = try repository.prune(options)
        }
    }

    /// A live snapshot, whichever, as a machine restores it that has nothing but the key.
    private func restoreOne() throws {
        let repository = try Repository.open(
            storage, secret: secret,
            directories: LocalDirectories(
                cache: scratch.path + "/other-cache", state: scratch.path + "/other-state"))
        guard let entry = repository.state.snapshots.randomElement(using: &random),
            let expected = model[entry.id]
        else { throw Difference(description: "a snapshot is gone, or was never taken") }
        let target = scratch.path + "/restored"
        _ = try year.measure("restore") {
            try restore(
                entry, of: repository, RestoreOptions(target: target, path: []),
                progress: Progress()
            ) { _ in }
        }
        for (name, bytes) in expected {
            let file = target + tree.path + "/" + name
            guard try File.contents(of: file, limit: 1 << 24) == bytes else {
                throw Difference(description: "\(name) of \(entry.id) is not what it was")
            }
        }
        removeTree(target)
        removeTree(scratch.path + "/other-cache")
        guard live(repository) == Set(model.keys) else {
            throw Difference(description: "not the snapshots that the rules keep")
        }
    }

    private func live(_ repository: Repository) -> Set<SnapshotID> {
        Set(repository.state.snapshots.map(\.id))
    }

    private func checkAll() throws {
        let repository = try open()
        let report = try year.measure("check") { try repository.check(reading: .all) }
        if let finding = report.findings.first {
            throw Difference(description: "\(finding.object): \(finding.reason)")
        }
    }

    private func count() throws {
        let objects = try storage.list("", after: nil)
        year.bytes = objects.reduce(0) { $0 + $1.bytes }
        year.packs = objects.count { $0.name.hasPrefix("packs/") }
        year.records = objects.count { $0.name.hasPrefix("log/") }
        year.stateBytes =
            objects.filter { $0.name.hasPrefix("state/") }.map(\.bytes).max() ?? 0
        year.snapshots = model.count
    }
}

extension FaultyStorage {
    /// How often records and states were read since the last `reset`.
    fileprivate var logReads: Int {
        history.count { $0.hasPrefix("get log/") || $0.hasPrefix("get state/") }
    }
}
