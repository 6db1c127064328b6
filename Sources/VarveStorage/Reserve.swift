import VarveSystem

/// A file that can be given up so that `forget` and `prune` run on a full disk.
extension DirectoryStorage {
    public static let reserveBytes = 1 << 20

    /// Makes the reserve file unless it is there in full.
    public func makeReserve() throws(StorageError) {
        // Random, because file systems that compress would keep no room for zeros.
        try put(file: StorageName.reserve, randomBytes(Self.reserveBytes))
    }

    /// Gives the room back; fine when there is no reserve.
    public func releaseReserve() throws(StorageError) {
        do throws(SystemError) {
            try File.remove(path(StorageName.reserve))
        } catch  where error.isMissing {
            return
        } catch {
            throw StorageError(error, StorageName.reserve)
        }
    }

    /// Whether the reserve file is there.
    public var hasReserve: Bool {
        get throws(StorageError) { try status(StorageName.reserve) != nil }
    }
}
