import TestSupport
import Testing
import VarveFormat

struct StateFoldingTests {
    private static let parameters = {
        var numbers = SeededNumbers(9)
        return numbers.parameters()
    }()

    private var numbers = SeededNumbers(10)
    private var state = RepositoryState(initial: StateFoldingTests.parameters)

    @discardableResult
    private mutating func apply(_ event: LogEvent) throws -> UInt64 {
        let number = state.number
        try state.apply(numbers.record(event), number: number, hash: numbers.id())
        #expect(state.number == number + 1)
        #expect(try RepositoryState(state.encoded) == state)
        return number
    }

    private mutating func commit(
        _ segments: [SegmentID] = [], firstHold: UInt64 = 0
    ) throws -> SnapshotID {
        let id: SnapshotID = numbers.id()
        try apply(
            .commit(
                Commit(
                    snapshot: id, manifest: numbers.id(), segments: segments,
                    summary: numbers.summary(), firstHold: firstHold)))
        return id
    }

    private mutating func segments(_ count: Int) -> [SegmentID] {
        (0..<count).map { _ in numbers.id() }
    }

    @Test("record 0 begins with empty lists")
    func initial() {
        #expect(state.number == 1)
        #expect(state.parameters == Self.parameters)
        #expect(state.keyringObject == Self.parameters.keyringObject)
        #expect(state.lastCheckpoint == .zero)
        #expect(state.snapshots.isEmpty && state.segments.isEmpty && state.holds.isEmpty)
    }

    @Test("commits append snapshots and segments, each segment once")
    mutating func commits() throws {
        let segments = segments(3)
        let first = try commit([segments[1], segments[0]])
        let second = try commit([segments[0], segments[2], segments[2]])
        #expect(state.snapshots.map(\.id) == [first, second])
        #expect(state.snapshots.map(\.recordNumber) == [1, 2])
        #expect(state.segments == [segments[1], segments[0], segments[2]])
    }

    @Test("a snapshot that is committed again keeps its entry, and the segments still count")
    mutating func secondCommit() throws {
        let id = try commit()
        let before = state.snapshots
        let segments = segments(1)
        try apply(
            .commit(
                Commit(
                    snapshot: id, manifest: numbers.id(), segments: segments,
                    summary: numbers.summary())))
        #expect(state.snapshots == before)
        #expect(state.segments == segments)
    }

    @Test("a commit ends all holds of its session and no other")
    mutating func holds() throws {
        let (session, other): (SessionID, SessionID) = (numbers.short(), numbers.short())
        let segments = segments(3)
        let first = try apply(.hold(Hold(session: session, segments: [segments[0]])))
        try apply(.hold(Hold(session: other, segments: [segments[1]])))
        try apply(.hold(Hold(session: session, segments: [segments[2]])))
        #expect(state.holds.map(\.recordNumber) == [1, 2, 3])
        #expect(state.segments.isEmpty)
        _ = try commit()
        #expect(state.holds.count == 3)
        _ = try commit([segments[0], segments[2]], firstHold: first)
        #expect(state.holds.map(\.session) == [other])
        #expect(state.segments == [segments[0], segments[2]])
        _ = try commit(firstHold: first)
        #expect(state.holds.map(\.session) == [other])
        // A hold that has ended vouches for nobody else.
        #expect(state.snapshots.map(\.firstHold) == [0, first, 0])
    }

    @Test("an amendment replaces one value of its snapshot")
    mutating func amendments() throws {
        let (first, second) = (try commit(), try commit())
        let untouched = state.snapshots[0]
        let manifest: ManifestID = numbers.id()
        let changes: [Amendment.Change] = [
            .tags(["x", "y"]), .pin(true), .description("d"), .grade("g"), .damage("lost"),
            .manifest(manifest),
        ]
        for change in changes {
            try apply(.amend(Amendment(snapshot: second, change: change)))
        }
        let entry = state.snapshots[1]
        #expect(entry.summary.tags == ["x", "y"] && entry.summary.description == "d")
        #expect(entry.isPinned && entry.grade == "g" && entry.damage == "lost")
        #expect(entry.manifest == manifest)
        try apply(.amend(Amendment(snapshot: second, change: .pin(false))))
        #expect(!state.snapshots[1].isPinned)
        try apply(.amend(Amendment(snapshot: numbers.id(), change: .pin(true))))
        #expect(state.snapshots[0] == untouched)
        #expect(state.snapshots.map(\.id) == [first, second])
    }

    @Test("forgetting removes snapshots and passes over unknown ones")
    mutating func forget() throws {
        let ids = [try commit(), try commit(), try commit()]
        try apply(.forget([ids[2], numbers.id(), ids[0]]))
        #expect(state.snapshots.map(\.id) == [ids[1]])
    }

    @Test("what is condemned keeps its first number and stays in the index; a revival ends that")
    mutating func condemn() throws {
        let segments = segments(2)
        _ = try commit([segments[0]])
        let objects = [ObjectReference(segments[0]), ObjectReference(numbers.id(), .data)]
        try apply(.condemn(Condemnation(objects: [objects[0]], replacements: [segments[1]])))
        try apply(.condemn(Condemnation(objects: objects, replacements: segments)))
        #expect(state.condemned.map(\.object) == objects)
        #expect(state.condemned.map(\.recordNumber) == [2, 3])
        #expect(state.segments == segments)
        try apply(.revive([objects[0], ObjectReference(numbers.id() as StateID)]))
        #expect(state.condemned.map(\.object) == [objects[1]])
        #expect(state.segments == segments)
    }

    @Test("a sweep remembers packs and takes segments out of the index and the holds")
    mutating func sweep() throws {
        let segments = segments(4)
        _ = try commit([segments[0], segments[1]])
        for held in [[segments[2], segments[3]], [segments[2]], []] {
            try apply(.hold(Hold(session: numbers.short(), segments: held)))
        }
        let pack = ObjectReference(numbers.id(), .metadata)
        let manifest = ObjectReference(numbers.id() as ManifestID)
        let objects = [pack, manifest, ObjectReference(segments[0]), ObjectReference(segments[2])]
        try apply(.condemn(Condemnation(objects: objects)))
        let number = try apply(.sweep(objects))
        #expect(state.condemned.isEmpty)
        #expect(state.swept == [.init(object: pack, recordNumber: number)])
        #expect(state.segments == [segments[1]])
        #expect(state.holds.map(\.segments) == [[segments[3]], []])
        let other = ObjectReference(numbers.id(), .data)
        let later = try apply(.sweep([other, pack]))
        #expect(state.swept == [.init(object: other, recordNumber: later)])
    }

    @Test("lost copies are listed once")
    mutating func lost() throws {
        let copies = [numbers.copy(), numbers.copy()]
        try apply(.lost([copies[1], copies[1]]))
        try apply(.lost(copies))
        #expect(state.lost == [copies[1], copies[0]])
    }

    @Test("a rotation puts another keyring in force and leaves the parameters")
    mutating func rotate() throws {
        let keyring: KeyringObjectID = numbers.id()
        try apply(.rotate(keyring))
        #expect(state.keyringObject == keyring)
        #expect(state.parameters == Self.parameters)
    }

    @Test("a checkpoint stands at each 64th number, and names the one before")
    mutating func checkpoint() throws {
        while state.number < 64 { try apply(.forget([])) }
        let early = state
        #expect(throws: FormatError.self) { try apply(.forget([])) }
        let wrong = Checkpoint(previous: numbers.id(), stateHash: .zero, state: nil)
        #expect(throws: FormatError.self) { try apply(.checkpoint(wrong)) }
        #expect(state == early)
        let hash: RecordHash = numbers.id()
        let checkpoint = Checkpoint(previous: .zero, stateHash: .zero, state: nil)
        try state.apply(numbers.record(.checkpoint(checkpoint)), number: 64, hash: hash)
        #expect(state.lastCheckpoint == hash)
        let next = Checkpoint(previous: hash, stateHash: .zero, state: nil)
        #expect(throws: FormatError.self) { try apply(.checkpoint(next)) }
        while state.number < 128 { try apply(.forget([])) }
        #expect(throws: FormatError.self) { try apply(.checkpoint(checkpoint)) }
        try apply(.checkpoint(next))
    }

    @Test("a number out of turn, and a second beginning, are refused")
    mutating func order() throws {
        let record = numbers.record(.forget([]))
        for number in [0, 2, .max] as [UInt64] {
            #expect(throws: FormatError.self) {
                try state.apply(record, number: number, hash: .zero)
            }
        }
        #expect(throws: FormatError.self) { try apply(.initialise(Self.parameters)) }
    }

    @Test("a mend goes on from the state it names, which has its number")
    mutating func mend() throws {
        let mend = Mend(state: numbers.id(), stateHash: numbers.id(), numbers: [3])
        #expect(throws: FormatError.self) { try apply(.mend(mend)) }
        var named = numbers.state()
        named.number = 9
        let mended = try RepositoryState(mended: named, at: 9)
        #expect(mended.number == 10)
        #expect(mended.snapshots == named.snapshots)
        #expect(throws: FormatError.self) { try RepositoryState(mended: named, at: 8) }
    }

    @Test("the same records add up to the same bytes, also by way of a stored state")
    func deterministic() throws {
        var numbers = SeededNumbers(11)
        var one = RepositoryState(initial: Self.parameters)
        var other = one
        for number in 1..<300 as Range<UInt64> {
            let event =
                LogRecord.isCheckpoint(number)
                ? .checkpoint(
                    Checkpoint(previous: one.lastCheckpoint, stateHash: .zero, state: nil))
                : numbers.event(numbers.number(1...9))
            let record = numbers.record(event)
            try one.apply(record, number: number, hash: .zero)
            other = try RepositoryState(other.encoded)
            try other.apply(LogRecord(record.encoded), number: number, hash: .zero)
        }
        #expect(one == other)
        #expect(one.encoded == other.encoded)
    }
}
