import TestSupport
import VarveFormat

/// Events whose ids come from so few that they meet again and again.
struct RandomEvents: RandomNumberGenerator {
    private static let sessions = (0..<5).compactMap {
        SessionID([UInt8](repeating: $0, count: SessionID.byteCount))
    }
    private static let slots = (0..<4).compactMap {
        SlotID([UInt8](repeating: $0, count: SlotID.byteCount))
    }
    private var numbers: SeededNumbers

    init(_ seed: UInt64) { numbers = SeededNumbers(seed) }

    mutating func next() -> UInt64 { numbers.next() }

    /// An event for a record with this number, which is none of a checkpoint, a mend or a rotation.
    mutating func next(_ number: UInt64) -> LogEvent {
        switch upTo(8) {
        case 0, 1: .commit(commit(number))
        case 2: .hold(Hold(session: Self.sessions[Int(upTo(4))], segments: list { $0.id() }))
        case 3: .amend(Amendment(snapshot: id(), change: change()))
        case 4: upTo(3) == 0 ? .forget(list { $0.id() }) : .commit(commit(number))
        case 5:
            .condemn(Condemnation(objects: list { $0.object() }, replacements: list { $0.id() }))
        case 6: .revive(list { $0.object() })
        case 7: .sweep(list { $0.object() })
        default: .lost(list { LostCopy(chunk: $0.id(), pack: $0.id()) })
        }
    }

    private mutating func upTo(_ most: UInt64) -> UInt64 { next(upperBound: most + 1) }

    private mutating func list<Item>(_ item: (inout Self) -> Item) -> [Item] {
        (0..<upTo(4)).map { _ in item(&self) }
    }

    private mutating func id<Kind>() -> Identifier<Kind> {
        let byte = UInt8(upTo(20))
        return Identifier([UInt8](repeating: byte, count: 32)) ?? .zero
    }

    private mutating func object() -> ObjectReference {
        switch upTo(7) {
        case 0: ObjectReference(id(), .data)
        case 1: ObjectReference(id(), .metadata)
        case 2, 3: ObjectReference(id() as SegmentID)
        case 4: ObjectReference(id() as ManifestID)
        case 5: ObjectReference(id() as StateID)
        case 6: ObjectReference(id() as KeyringObjectID)
        default: ObjectReference(Self.slots[Int(upTo(3))])
        }
    }

    private mutating func commit(_ number: UInt64) -> Commit {
        let summary = SnapshotSummary(
            time: Int64(bitPattern: next()) >> 8, host: text(), user: text(),
            sources: list { $0.text() }, tags: list { $0.text() }, description: text(),
            isIncomplete: upTo(1) == 0, files: Int(next() >> (1 + upTo(62))),
            directories: Int(upTo(300)), bytes: Int(next() >> (1 + upTo(62))),
            durationNanoseconds: Int64(bitPattern: next()))
        return Commit(
            snapshot: id(), manifest: id(), segments: list { $0.id() }, summary: summary,
            firstHold: upTo(2) == 0 ? 0 : number - min(number, upTo(12)))
    }

    private mutating func change() -> Amendment.Change {
        switch upTo(5) {
        case 0: .tags(list { $0.text() })
        case 1: .pin(upTo(1) == 0)
        case 2: .description(text())
        case 3: .grade(text())
        case 4: .damage(text())
        default: .manifest(id())
        }
    }

    private mutating func text() -> String {
        ["", "a", "zwölf", "漢字 🌊", "a \"quoted\\ word"][Int(upTo(4))]
    }
}
