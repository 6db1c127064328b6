import VarveFormat
import VarveStorage

/// What is kept here of a repository whose storage is far away.
extension Repository {
    /// The storage itself where that is near; one that keeps what is needed often otherwise. What is only
    /// tried is not kept.
    static func keeping(
        _ storage: any Storage, _ id: RepositoryID, _ directories: LocalDirectories
    ) -> any Storage {
        guard storage.connections > 1 else { return storage }
        if let dry = storage as? DryStorage {
            return DryStorage(keeping(dry.storage, id, directories))
        }
        return CachedStorage(
            storage, directory: directories.cache + "/" + id.hex + "/objects", cacheRule)
    }

    /// Trees, manifests and states are read again and again, and data that this machine stored is what
    /// its next snapshot resembles; what a catalog holds is not kept twice.
    ///
    /// A keyring and a record are read back from the storage after they were written, so that they are
    /// kept only when they are read.
    private static func cacheRule(_ name: String) -> CacheRule? {
        func rule(_ share: CacheRule.Share, _ moments: CacheRule.Moment) -> CacheRule? {
            guard let digest = Hex.decode(String(name.suffix(64))), digest.count == 32 else {
                return nil
            }
            return CacheRule(share, kept: moments, digest: digest)
        }
        if name.hasPrefix(ObjectName.packs) {
            let isData = name.hasPrefix(ObjectName.dataPacks)
            return isData ? rule(.data, .put) : rule(.metadata, [.read, .put])
        }
        if name.hasPrefix(ObjectName.states) || name.hasPrefix(ObjectName.snapshots) {
            return rule(.metadata, [.read, .put])
        }
        if name.hasPrefix(ObjectName.keyrings) { return rule(.metadata, .read) }
        // Only the record behind it, which names its hash, can vouch for one.
        let isRecord = ObjectName.recordNumber(name) != nil
        return isRecord ? CacheRule(.metadata, kept: .read, digest: nil) : nil
    }
}
