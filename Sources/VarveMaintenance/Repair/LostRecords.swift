import VarveFormat
import VarveRepository

/// Copies of one record, so that it stays within its limit.
private let recordCopiesMax = 2_048

extension Repository {
    /// Says in the log that these copies are lost, as far as it does not say so already.
    func append(_ copies: [LostCopy]) throws {
        var rest = copies[...]
        while !rest.isEmpty {
            let some = rest.prefix(recordCopiesMax)
            try append { state in
                let known = Set(state.lost)
                let swept = state.sweptPacks
                let new = some.filter { !known.contains($0) && !swept.contains($0.pack) }
                return new.isEmpty ? nil : .lost(new)
            }
            rest = rest.dropFirst(some.count)
        }
    }
}
