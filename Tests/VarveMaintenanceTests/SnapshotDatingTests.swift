import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveMaintenance

@Suite("The time of a snapshot")
struct SnapshotDatingTests {
    private static let now: Int64 = 1_800_000_000_000_000_000
    private static let hour = Int64(SampleSnapshots.hour)

    private let depot: Depot
    private let storage: MemoryStorage
    private let repository: Repository

    init() throws {
        depot = try Depot()
        storage = try #require(depot.storage as? MemoryStorage)
        storage.setClock(Self.now)
        repository = try depot.open()
    }

    private func dating(of id: SnapshotID) throws -> JudgedSnapshot.Dating {
        let dating = try SnapshotDating(of: repository)
        return try dating.judge(try repository.entry(id), in: repository).dating
    }

    /// Commits a snapshot of this time that names a hold.
    private func commit(at time: Int64, hold: UInt64) throws -> SnapshotID {
        let id = try #require(SnapshotID(randomBytes(SnapshotID.byteCount)))
        let summary = SnapshotSummary(time: time, host: "web1", user: "root", sources: ["/srv"])
        try repository.append { _ in
            .commit(
                Commit(
                    snapshot: id, manifest: .zero, segments: [], summary: summary,
                    firstHold: hold))
        }
        return id
    }

    private func hold(_ byte: UInt8) throws -> UInt64 {
        let session = try #require(SessionID([UInt8](repeating: byte, count: 16)))
        let number = try repository.append { _ in
            .hold(Hold(session: session, segments: [.zero]))
        }
        return try #require(number)
    }

    @Test("is vouched for by the storage within an hour of its commit")
    func commits() throws {
        let off = [0, Self.hour, -Self.hour, Self.hour + 1, -Self.hour - 1, -9_000 * Self.hour]
        let ids = try off.map { try repository.commit(at: Self.now + $0) }
        #expect(try ids.map(dating) == [.storage, .storage, .storage, .hand, .hand, .hand])
        for time in [Int64.min, .max] {
            #expect(try dating(of: repository.commit(at: time)) == .hand)
        }
    }

    @Test("is vouched for by the first hold of a session that took long")
    func holds() throws {
        let number = try hold(1)
        storage.setClock(Self.now + 9 * Self.hour)
        let id = try commit(at: Self.now, hold: number)
        #expect(try dating(of: id) == .storage)
        // The time of the commit is none that its session began at.
        let second = try hold(2)
        storage.setClock(Self.now + 20 * Self.hour)
        let late = try commit(at: Self.now + 20 * Self.hour, hold: second)
        #expect(try dating(of: late) == .hand)
    }

    @Test("is not vouched for by a hold that has ended, nor by a record that is none")
    func borrowedHolds() throws {
        let number = try hold(1)
        _ = try commit(at: Self.now, hold: number)
        storage.setClock(Self.now + 9 * Self.hour)
        for named in [number, 0, number + 1, 999] {
            #expect(try dating(of: commit(at: Self.now, hold: named)) == .hand, "\(named)")
        }
    }

    @Test("of a copy is vouched for by its origin, which is not to be believed like the storage")
    func origins() throws {
        let old = Self.now - 5_000 * Self.hour
        let id = try #require(RepositoryID(randomBytes(RepositoryID.byteCount)))
        func origin(_ time: Int64) -> SnapshotManifest.Origin {
            .init(repository: id, number: 7, commitTime: time)
        }
        let copied = try repository.commit(at: old, origin: origin(old + Self.hour))
        #expect(try dating(of: copied) == .origin)
        let doubtful = try repository.commit(at: old, origin: origin(old + 2 * Self.hour))
        #expect(try dating(of: doubtful) == .hand)
    }

    @Test("is one of those dated by hand when its manifest is damaged, not when none can be read")
    func damage() throws {
        let id = try repository.commit(at: 5)
        let name = ObjectName.manifest(try repository.entry(id).manifest)
        let watched = FaultyStorage(storage, .none)
        let other = try depot.open(watched, machine: "two")
        let times = try SnapshotDating(of: other)
        watched.reset(.from(1))
        #expect(throws: RepositoryError.self) {
            try times.judge(try other.entry(id), in: other)
        }
        storage.removeQuietly(name)
        #expect(try dating(of: id) == .hand)
    }

    @Test("costs no look at a manifest where the storage vouches for it")
    func reads() throws {
        for _ in 0..<5 { try repository.commit(at: Self.now) }
        let watched = FaultyStorage(storage, .none)
        let other = try depot.open(watched, machine: "two")
        watched.reset()
        let times = try SnapshotDating(of: other)
        #expect(times.latest == Self.now)
        for entry in other.state.snapshots { _ = try times.judge(entry, in: other) }
        #expect(watched.history == ["times"])
    }
}
