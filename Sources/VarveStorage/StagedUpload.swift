import VarveSystem

/// An object that grows in a temporary file of this machine, and is put from there.
public final class StagedUpload: StagedObject {
    private let path: String
    private let storage: any Storage
    private let growing: GrowingFile
    private let keep: Keep

    /// Gives the file of an object that was put another name, or answers false; then it is removed.
    public typealias Keep = @Sendable (_ path: String, _ object: String) -> Bool

    /// In `directory`, which is made when it is missing; `.denied` when nothing can be made there.
    public init(
        in directory: String, to storage: any Storage, keep: @escaping Keep = { _, _ in false }
    ) throws(StorageError) {
        let path = directory + "/" + StorageName.temporaryPrefix + randomName()
        do throws(SystemError) {
            try File.makeDirectories(directory)
            growing = GrowingFile(try File.createExclusively(path, mode: 0o600), name: path)
        } catch {
            throw StorageError(.denied, path, error.description)
        }
        (self.path, self.storage, self.keep) = (path, storage, keep)
    }

    deinit { discard() }

    public var byteCount: Int { growing.byteCount }

    public func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        try local { () throws(StorageError) in try growing.append(bytes) }
    }

    public func read(
        at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try local { () throws(StorageError) in try growing.read(at: offset, into: buffer) }
    }

    public func publish(as name: String) throws(StorageError) {
        let (file, byteCount) = growing.take()
        guard let file else { throw growing.ended() }
        do throws(StorageError) {
            try storage.put(name, contentsOf: file.file, bytes: byteCount)
        } catch {
            try? File.remove(path)
            throw error
        }
        if !keep(path, name) { try? File.remove(path) }
    }

    public func discard() {
        if growing.take().file != nil { try? File.remove(path) }
    }

    /// That this machine's disk is full must not look as if the storage was.
    private func local(
        _ body: () throws(StorageError) -> Void
    ) throws(StorageError) {
        do throws(StorageError) {
            try body()
        } catch {
            guard error.kind != .truncated, error.kind != .refused else { throw error }
            let advice = error.kind == .noSpace ? "; make room there and run the command again" : ""
            throw StorageError(.denied, path, error.reason + advice)
        }
    }

    /// Removes from `directory` what programs left there that were killed: temporary files that nobody
    /// has written to since `time`, in nanoseconds since 1970.
    public static func removeUnfinished(in directory: String, before time: Int64) {
        StorageName.removeTemporaries(in: directory, before: time)
    }
}
