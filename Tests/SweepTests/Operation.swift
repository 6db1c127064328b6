import Testing
import VarveArchive
import VarveFormat
import VarveMaintenance
import VarveRepository
import VarveStorage
import VarveSystem

/// One row of the table that every sweep goes through.
struct Operation: Sendable, CustomTestStringConvertible {
    let name: String
    /// Makes what is there before.
    var prepare: @Sendable (Site) throws -> Void = { try $0.takeSnapshots() }
    /// The operation itself, from opening on, on the storage of the site.
    let run: @Sendable (Site, any Storage) throws -> Void
    /// Throws unless its effect is there, as a machine sees it that has never seen the repository.
    let expectDone: @Sendable (Site) throws -> Void
    /// The snapshots that it takes away.
    var leaving: @Sendable (Site) -> [SnapshotID] = { _ in [] }
    /// Whether it exchanges the secret of the site for the other one.
    var replacesSecret = false
    /// Whether it makes the repository.
    var creates = false
    /// What somebody does afterwards: what a repair could not read it mends when it is run again.
    var again: @Sendable (Site) throws -> Void = { _ in }

    var testDescription: String { name }

    static let all = [
        initialise, snapshot, restore, forget, prune, keyAdd, keyPasswd, keyRemove, keyCompromised,
        keyRotate, keyRewrite, repairIndex, repairPacks, repairSnapshots, repairLog, sync,
    ]

    static let initialise = Operation(
        name: "init", prepare: { try $0.writeSource(0) },
        run: { site, storage in _ = try site.create(in: storage) },
        expectDone: { site in
            let parameters = try site.openElsewhere().state.parameters
            try expect(parameters.packBytes == Site.packBytes, "its parameters are others")
        },
        creates: true)

    static let snapshot = Operation(
        name: "snapshot", run: { site, storage in try site.snapshot(site.open(storage)) },
        expectDone: { site in
            guard let last = site.snapshots.last else { throw Unlike("none was taken") }
            try expect(try site.openElsewhere().state.snapshots.contains { $0.id == last })
        })

    static let restore = Operation(
        name: "restore",
        run: { site, storage in try site.restoreNewest(site.open(storage)) },
        expectDone: { site in try site.expectRestored() })

    static let forget = Operation(
        name: "forget",
        run: { site, storage in
            let repository = try site.open(storage)
            let leaving = repository.state.snapshots.filter { $0.id == site.snapshots[0] }
            try expect(try repository.forget(leaving).forgotten == [site.snapshots[0]])
        },
        expectDone: { site in
            let left = try site.openElsewhere().state.snapshots.map(\.id)
            try expect(!left.contains(site.snapshots[0]))
        },
        leaving: { [$0.snapshots[0]] })

    /// Sweeps some packs, condemns others, and writes some anew.
    static let prune = Operation(
        name: "prune", prepare: { try $0.leaveRubbish() },
        run: { site, storage in
            let report = try site.open(storage).prune(.everything)
            try expect(!report.isFull, "there was no room")
        },
        expectDone: { site in
            let plan = try site.openElsewhere().planPrune(.everything)
            try expect(plan.packs.allSatisfy { $0.fate == .stays }, "\(plan.packs.map(\.fate))")
        })

    static let keyAdd = Operation(
        name: "key add",
        run: { site, storage in try site.open(storage).addSlot(site.other, label: "other") },
        expectDone: { _ = try $0.openElsewhere(with: $0.other) })

    static let keyPasswd = Operation(
        name: "key passwd",
        run: { site, storage in
            _ = try site.open(storage).replaceSlots(
                openedBy: site.secret, with: site.other, label: nil)
        },
        expectDone: { site in
            _ = try site.openElsewhere(with: site.other)
            try site.expectNoKey(site.secret)
        },
        replacesSecret: true)

    /// Snapshots, and a second key.
    @Sendable private static func addOther(_ site: Site) throws {
        try site.takeSnapshots()
        try site.open(site.storage()).addSlot(site.other, label: "other")
    }

    private static func other(in repository: Repository) throws -> SlotID {
        let slots = try repository.listSlots().whole.filter { $0.label == "other" }
        try expect(slots.count == 1, "the key is not listed")
        return slots[0].id
    }

    static let keyRemove = Operation(
        name: "key remove",
        prepare: addOther,
        run: { site, storage in
            let repository = try site.open(storage)
            try repository.removeSlot(other(in: repository))
        },
        expectDone: { try $0.expectNoKey($0.other) })

    /// The key that goes may be in somebody else's hands; the one in use is sealed anew.
    static let keyCompromised = Operation(
        name: "key remove --compromised",
        prepare: addOther,
        run: { site, storage in
            let repository = try site.open(storage)
            let plan = try repository.planKeyReplacement(
                removing: other(in: repository), inUse: site.secret, keeping: [])
            _ = try repository.replaceKeys(plan)
        },
        expectDone: { site in
            try site.expectNoKey(site.other)
            let state = try site.openElsewhere().state
            try expect(state.keyringObject != state.parameters.keyringObject)
        })

    static let keyRotate = Operation(
        name: "key rotate", run: { site, storage in _ = try site.open(storage).rotateKeys() },
        expectDone: { site in
            let state = try site.openElsewhere().state
            try expect(state.keyringObject != state.parameters.keyringObject)
        })

    /// Everything lies under an epoch that is over.
    static let keyRewrite = Operation(
        name: "key rotate --rewrite", prepare: { try $0.leaveOldEpoch() },
        run: { site, storage in
            let report = try site.open(storage).prune(.resealing)
            try expect(!report.isFull, "there was no room")
            try expect(report.damaged.isEmpty, "something could not be read")
        },
        expectDone: { try expect($0.openElsewhere().oldEpochs().isEmpty) })

    /// All segments are gone.
    static let repairIndex = Operation(
        name: "repair index",
        prepare: { site in
            try site.takeSnapshots()
            for name in try site.stored("index/") { try File.remove(name) }
        },
        run: { site, storage in
            let report = try site.openToRepair(storage).repairIndex()
            try expect(report.chunksLost + report.unread == 0, "something could not be read")
        },
        expectDone: { try $0.expectNoDamage() },
        again: { site in
            _ = try site.openToRepair(site.storage()).repairIndex()
            // What could not be read before is looked at again.
            _ = try site.openToRepair(site.storage()).repairPacks()
        })

    /// The last byte of each pack is another: all frames can be read.
    static let repairPacks = Operation(
        name: "repair packs",
        prepare: { site in
            try site.takeSnapshots()
            for name in try site.stored("packs/data/") {
                var bytes = try File.contents(of: name, limit: 64 << 20)
                bytes[bytes.count - 1] ^= 1
                try File.createOrTruncate(name).write(bytes)
            }
        },
        run: { site, storage in
            let report = try site.openToRepair(storage).repairPacks()
            try expect(
                report.chunksMissing + report.copiesLost + report.packsLeft == 0,
                "something could not be read")
        },
        expectDone: { try $0.expectNoDamage() },
        again: { _ = try $0.openToRepair($0.storage()).repairPacks() })

    /// The manifest of the first snapshot is gone; the one before it was sealed anew is still there.
    static let repairSnapshots = Operation(
        name: "repair snapshots",
        prepare: { site in
            try site.leaveOldEpoch()
            let repository = try site.open(site.storage())
            _ = try repository.prune(.resealing)
            let name = ObjectName.manifest(repository.state.snapshots[0].manifest)
            try File.remove(site.repositoryPath + "/" + name)
        },
        run: { site, storage in
            let report = try site.openToRepair(storage).repairSnapshots()
            try expect(report.damaged == 0, "something could not be read")
        },
        expectDone: { site in
            try site.expectNoDamage()
            let entries = try site.openElsewhere().state.snapshots
            try expect(entries.allSatisfy(\.damage.isEmpty), "a mark is left")
        },
        again: { _ = try $0.openToRepair($0.storage()).repairSnapshots() })

    /// The first commit is gone.
    static let repairLog = Operation(
        name: "repair log",
        prepare: { site in
            try site.takeSnapshots()
            for name in try site.stored("log/") where name.contains("00001") {
                try File.remove(name)
            }
        },
        run: { site, storage in try site.repairLog(in: storage) },
        expectDone: { try $0.expectNoDamage() },
        again: { try $0.repairLog(in: $0.storage()) })

    /// A sibling elsewhere has one snapshot more.
    static let sync = Operation(
        name: "sync", prepare: { try $0.leaveSibling() },
        run: { site, storage in
            let (second, here) = (try site.openSibling(), try site.open(storage))
            let plan = SyncPlan(second.state.snapshots, to: here)
            let report = try second.sync(to: [SyncTarget(here, plan)])[0]
            if let failure = report.failure { throw failure }
        },
        expectDone: { site in
            let there = Set(try site.openElsewhere().state.snapshots.map(\.id))
            try expect(there.isSuperset(of: try site.openSibling().state.snapshots.map(\.id)))
        })
}

/// Throws unless it is so.
func expect(_ isSo: Bool, _ reason: @autoclosure () -> String = "its effect is not there") throws {
    if !isSo { throw Unlike(reason()) }
}

extension PruneOptions {
    /// Nothing waits, and nothing that is unused stays.
    static var everything: PruneOptions {
        var options = PruneOptions()
        options.isImmediate = true
        options.unusedMax = .percent(0)
        return options
    }

    /// What `key rotate --rewrite` does.
    static var resealing: PruneOptions {
        var options = PruneOptions()
        options.reseals = true
        return options
    }
}
