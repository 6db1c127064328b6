import VarveSystem

/// A pack that grows in a temporary file of a directory storage.
final class StagedFile: StagedObject {
    private let temporary: String
    private let storage: DirectoryStorage
    private let growing: GrowingFile

    init(_ file: consuming File, temporary: String, in storage: DirectoryStorage) {
        self.temporary = temporary
        self.storage = storage
        growing = GrowingFile(file, name: temporary)
    }

    deinit { discard() }

    var byteCount: Int { growing.byteCount }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) { try growing.append(bytes) }

    func read(
        at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try growing.read(at: offset, into: buffer)
    }

    func publish(as name: String) throws(StorageError) {
        let (file, byteCount) = growing.take()
        guard let file else { throw growing.ended() }
        do throws(StorageError) {
            try StorageName.check(name)
            try StorageError.wrapping(name) { () throws(SystemError) in try file.file.sync() }
            if try storage.hasFile(name, bytes: byteCount) {
                storage.removeTemporary(temporary)
                return
            }
            try StorageError.wrapping(name) { () throws(SystemError) in
                try storage.directories.make(File.parent(of: name))
            }
        } catch {
            storage.removeTemporary(temporary)
            throw error
        }
        try storage.renameTemporary(temporary, to: name)
    }

    func discard() {
        if growing.take().file != nil { storage.removeTemporary(temporary) }
    }
}
