import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage

@Suite("A snapshot during which one call to the storage fails")
struct FaultSweepTests {
    private let box: Sandbox
    private let before: MemoryStorage
    private let storage: MemoryStorage

    init() throws {
        storage = MemoryStorage()
        box = try Sandbox(storage: storage)
        try box.write("kept", noise(5_000, seed: 1))
        try box.write("changed", noise(40_000, seed: 2))
        try box.snapshot(try box.create())
        try box.write("changed", noise(40_000, seed: 3))
        try box.write("added", noise(2_000, seed: 4))
        before = storage.duplicate()
    }

    @Test(
        "harms none of the snapshots before it, nor the next one of the same process",
        arguments: [FaultyStorage.Moment.before, .after])
    func sweep(moment: FaultyStorage.Moment) throws {
        var number = 0
        var failures = 0
        while true {
            number += 1
            let base = before.duplicate()
            let faulty = FaultyStorage(base)
            let repository = try Repository.open(
                faulty, secret: box.secret, directories: directories("a\(moment)\(number)"))
            faulty.reset(.once(at: number), moment: moment)
            let taken = Result { try box.snapshot(repository, time: 2) }
            let isOver = faulty.faults == 0
            if number > 200 {
                Issue.record("it never comes through")
                return
            }
            faulty.reset()
            let call = "call \(number) \(moment)"
            switch taken {
            case .success(let report):
                try check(base, snapshots: 2, last: report.snapshot, call)
            case .failure(let error):
                failures += 1
                #expect(!isOver, "\(error)")
                #expect(error is RepositoryError, "\(call): \(error)")
                try check(base, snapshots: 1, last: nil, call)
            }
            let next = try box.snapshot(repository, time: 3)
            let count = (try? taken.get()) == nil ? 2 : 3
            try check(base, snapshots: count, last: next.snapshot, call)
            if isOver { break }
        }
        #expect(failures > 10)
    }

    private func directories(_ machine: String) -> LocalDirectories {
        LocalDirectories(cache: box.path + "/cache-" + machine, state: nil)
    }

    /// Another machine reads every snapshot; the first is what it always was.
    private func check(
        _ storage: MemoryStorage, snapshots: Int, last: SnapshotID?, _ call: String
    ) throws {
        let repository = try Repository.open(
            storage, secret: box.secret, directories: directories("other"))
        let entries = repository.state.snapshots
        #expect(entries.count == snapshots, "\(call)")
        if let last { #expect(entries.last?.id == last, "\(call)") }
        for (index, entry) in entries.enumerated() {
            let files = try everyFile(of: entry, repository)
            #expect(files[box.source + "/kept"] == noise(5_000, seed: 1), "\(call)")
            let seed: UInt64 = index == 0 ? 2 : 3
            #expect(files[box.source + "/changed"] == noise(40_000, seed: seed), "\(call)")
            #expect(files.count == (index == 0 ? 2 : 3), "\(call)")
            let report = try verify(
                entry, of: repository, progress: Progress(), observer: { _ in })
            #expect(report.issues.isEmpty, "\(call): \(report.issues)")
        }
        box.removeCache("other")
    }

    @Test("writes packs before the index, the index before the manifest, and the record last")
    func order() throws {
        let faulty = FaultyStorage(before.duplicate())
        let repository = try Repository.open(
            faulty, secret: box.secret, directories: directories("order"))
        faulty.reset()
        try box.snapshot(repository, time: 2)
        let writes = faulty.history.compactMap { call -> Int? in
            let parts = call.split(separator: " ")
            guard parts.count == 2, ["put", "create", "publish"].contains(parts[0]) else {
                return nil
            }
            let order = [
                ObjectName.packs, ObjectName.segments, ObjectName.snapshots, ObjectName.log,
            ]
            return order.firstIndex { parts[1].hasPrefix($0) } ?? order.count
        }
        #expect(writes == writes.sorted())
        #expect(Set(writes) == [0, 1, 2, 3])
        #expect(writes.count { $0 == 3 } == 1)
    }
}
