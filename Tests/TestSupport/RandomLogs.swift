public import VarveFormat

extension SeededNumbers {
    public mutating func parameters() -> RepositoryParameters {
        RepositoryParameters(
            keyringObject: id(), keyring: short(), chunkBytesAverage: 1 << number(14...22),
            frameBytes: number(RepositoryParameters.frameBytesRange),
            packBytes: number(RepositoryParameters.packBytesRange),
            gracePeriodSeconds: number(0...FormatLimit.gracePeriodSeconds))
    }

    public mutating func summary() -> SnapshotSummary {
        SnapshotSummary(
            time: time(), host: text(), user: text(), sources: list { $0.text() },
            tags: list { $0.text() }, description: text(), isIncomplete: flag(), files: count(),
            directories: count(), bytes: count(), chunksNew: count(), bytesNew: count(),
            bytesStored: count(), errors: count(), durationNanoseconds: time())
    }

    public mutating func object() -> ObjectReference {
        switch number(1...7) {
        case 1: ObjectReference(id(), .data)
        case 2: ObjectReference(id(), .metadata)
        case 3: ObjectReference(id() as SegmentID)
        case 4: ObjectReference(id() as ManifestID)
        case 5: ObjectReference(id() as StateID)
        case 6: ObjectReference(id() as KeyringObjectID)
        default: ObjectReference(short() as SlotID)
        }
    }

    public mutating func copy() -> LostCopy { LostCopy(chunk: id(), pack: id()) }

    public mutating func change() -> Amendment.Change {
        switch number(1...6) {
        case 1: .tags(list { $0.text() })
        case 2: .pin(flag())
        case 3: .description(text())
        case 4: .grade(text())
        case 5: .damage(text())
        default: .manifest(id())
        }
    }

    public mutating func event(_ kind: Int) -> LogEvent {
        switch kind {
        case 0: .initialise(parameters())
        case 1:
            .commit(
                Commit(
                    snapshot: id(), manifest: id(), segments: ids(), summary: summary(),
                    firstHold: word()))
        case 2: .hold(Hold(session: short(), segments: ids()))
        case 3: .amend(Amendment(snapshot: id(), change: change()))
        case 4: .forget(ids())
        case 5: .condemn(Condemnation(objects: list { $0.object() }, replacements: ids()))
        case 6: .revive(list { $0.object() })
        case 7: .sweep(list { $0.object() })
        case 8: .lost(list { $0.copy() })
        case 9: .rotate(id())
        case 10: .mend(Mend(state: id(), stateHash: id(), numbers: list { $0.word() }))
        default:
            .checkpoint(Checkpoint(previous: id(), stateHash: id(), state: flag() ? id() : nil))
        }
    }

    public mutating func record(_ event: LogEvent) -> LogRecord {
        LogRecord(nonce: bytes(16), previous: id(), clock: time(), event: event)
    }

    public mutating func state() -> RepositoryState {
        var state = RepositoryState(initial: parameters())
        state.number = word()
        state.keyringObject = id()
        state.lastCheckpoint = id()
        state.snapshots = list { numbers in
            RepositoryState.SnapshotEntry(
                id: numbers.id(), manifest: numbers.id(), recordNumber: numbers.word(),
                firstHold: numbers.word(), summary: numbers.summary(), isPinned: numbers.flag(),
                grade: numbers.text(), damage: numbers.text())
        }
        state.segments = ids()
        state.condemned = list { .init(object: $0.object(), recordNumber: $0.word()) }
        state.swept = list { .init(object: $0.object(), recordNumber: $0.word()) }
        state.holds = list {
            .init(session: $0.short(), recordNumber: $0.word(), segments: $0.ids())
        }
        state.lost = list { $0.copy() }
        return state
    }
}
