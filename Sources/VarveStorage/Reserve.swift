import VarveSystem

/// A file that can be given up so that `forget` and `prune` run on a full disk.
extension DirectoryStorage {
    /// What a small repository needs for a record, and one that has grown for packs, too.
    public static let reserveBytesSmall = 64 << 10
    public static let reserveBytes = 1 << 20
    /// From so many stored bytes on a repository has grown.
    private static let grownBytes = 64 << 20

    /// Makes the reserve file that a repository of `storedBytes` needs, unless it is there in full.
    public func makeReserve(storedBytes: Int) throws(StorageError) {
        let wanted = storedBytes < Self.grownBytes ? Self.reserveBytesSmall : Self.reserveBytes
        if let found = try status(StorageName.reserve), found.size >= wanted { return }
        // Random, because file systems that compress would keep no room for zeros.
        try put(file: StorageName.reserve, randomBytes(wanted))
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
