import VarveFormat
import VarveStorage

extension Repository {
    /// Puts each copy anew of `varve.json`, a key slot, a keyring or a record that is missing or damaged
    /// while the other one is whole; the names of these objects.
    func repairCopies(isDryRun: Bool) throws -> [String] {
        var names: [String] = []
        let mend: CopyCheck.Mend = { [storage] name, copy, bytes in
            names.append(name)
            guard !isDryRun else { return }
            do throws(StorageError) {
                try storage.replace(copy, of: name, by: bytes)
                // A slot that was removed meanwhile must not come back with that.
                guard name.hasPrefix(ObjectName.slots) else { return }
                let other = copy == .first ? Copy.second : .first
                do throws(StorageError) {
                    _ = try storage.get(name, limit: FormatLimit.clearObjectBytes, copy: other)
                } catch  where error.kind == .missing {
                    try storage.remove(name)
                }
            } catch {
                throw RepositoryError.storage(error)
            }
        }
        _ = try log.check(mend: mend)
        _ = try checkKeys(mend: mend)
        return names
    }
}
