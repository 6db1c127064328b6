import VarveFormat
import VarveStorage

extension Repository {
    /// What is wrong with the part of the log that an opening reads: from its newest checkpoint with
    /// a whole state to the head that was read last.
    package func checkLog() throws -> [CheckFinding] { try log.check() }
}

extension RecordReader {
    /// What is wrong with the records down from `head`, each copy by itself, and with the state that
    /// they begin with.
    ///
    /// With `mend` of all records that there are, and of no state.
    func check(
        downFrom head: HeadMemory.Head, mend: CopyCheck.Mend? = nil
    ) throws -> [CheckFinding] {
        var findings: [CheckFinding] = []
        var expected: RecordHash? = head.hash
        for number in (0...head.number).reversed() {
            var whole: LogRecord?
            findings += try CopyCheck(storage: storage, mend: mend).findings(
                ObjectName.record(number), limit: Self.recordBytesMax
            ) { bytes in
                let found = try RecordHash(digestOf: bytes)
                guard expected == nil || found == expected else {
                    throw FormatError.invalid("it is not the record that its successor follows")
                }
                whole = try open(bytes, number).record
            }
            expected = whole?.previous
            guard let whole else { continue }
            guard mend == nil else {
                // What a mend says of the record before is not checked.
                if case .mend = whole.event { expected = nil }
                continue
            }
            let (isStart, finding) = try checkStart(whole.event, number)
            if let finding { findings.append(finding) }
            if isStart { break }
        }
        return findings
    }

    /// Whether the log can be read from this record on, and what is wrong with the state it names.
    private func checkStart(
        _ event: LogEvent, _ number: UInt64
    ) throws -> (isStart: Bool, finding: CheckFinding?) {
        switch event {
        case .initialise: return (true, nil)
        case .mend(let mend):
            return (
                true, try finding { try state(mend.state, number: number, hash: mend.stateHash) }
            )
        case .checkpoint(let checkpoint):
            guard let id = checkpoint.state else { return (false, nil) }
            guard
                var finding = try finding({
                    try state(id, number: number, hash: checkpoint.stateHash)
                })
            else { return (true, nil) }
            // It is added up again from the checkpoint before.
            finding.weight = .warning
            finding.reason += "; the records before say the same"
            return (false, finding)
        default: return (false, nil)
        }
    }

    private func finding(_ body: () throws -> RepositoryState) throws -> CheckFinding? {
        do {
            _ = try body()
            return nil
        } catch {
            return try CheckFinding(error)
        }
    }
}
