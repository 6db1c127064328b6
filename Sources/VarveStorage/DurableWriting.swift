import Glibc
import VarveSystem

/// The order of steps that makes a new file survive a crash: whole or not at all.
extension DirectoryStorage {
    /// Makes a file in a directory that is made when it is missing.
    func createTemporary(_ name: String) throws(StorageError) -> File {
        let directory = File.parent(of: name)
        return try StorageError.wrapping(name) { () throws(SystemError) in
            do throws(SystemError) {
                try directories.make(directory)
                return try File.createExclusively(path(name))
            } catch  where error.isMissing {
                // Somebody removed the directory since this process made it.
                directories.forget(directory)
                try directories.make(directory)
                return try File.createExclusively(path(name))
            }
        }
    }

    /// A complete and synced file beside `name`, for the caller to link or rename; its name.
    private func writeTemporary(
        beside name: String, _ bytes: [UInt8]
    ) throws(StorageError) -> String {
        let temporary =
            File.parent(of: name) + "/" + StorageName.temporaryPrefix + randomName()
        let file = try createTemporary(temporary)
        do throws(SystemError) {
            try file.write(bytes)
            // Not tried again after an error: the kernel has dropped the pages and would say yes.
            try file.sync()
            try file.close()
        } catch {
            removeTemporary(temporary)
            throw StorageError(error, name)
        }
        return temporary
    }

    /// Leaves a file behind rather than an error: unfinished files are recognised by their names.
    func removeTemporary(_ temporary: String) {
        try? File.remove(path(temporary))
    }

    func put(file name: String, _ bytes: [UInt8]) throws(StorageError) {
        if try hasFile(name, bytes: bytes.count) { return }
        try replace(file: name, bytes)
    }

    /// Whatever has the name is gone once the new file is durable, and not before.
    func replace(file name: String, _ bytes: [UInt8]) throws(StorageError) {
        let temporary = try writeTemporary(beside: name, bytes)
        try renameTemporary(temporary, to: name)
    }

    /// Whether a file of that size has the name already. If so its name is made durable too: whoever
    /// put it may not have come to that yet, and the caller is about to rely on it.
    func hasFile(_ name: String, bytes: Int) throws(StorageError) -> Bool {
        guard let status = try status(name) else { return false }
        if status.kind != .regular { throw StorageError(.exists, name, "it is not a plain file") }
        if status.size != bytes { return false }
        try StorageError.wrapping(name) { () throws(SystemError) in
            try directories.make(File.parent(of: name))
            try directories.sync(File.parent(of: name))
        }
        return true
    }

    /// Gives a synced file its name in place of what had it.
    func renameTemporary(_ temporary: String, to name: String) throws(StorageError) {
        do throws(SystemError) {
            try File.rename(path(temporary), to: path(name))
        } catch {
            removeTemporary(temporary)
            throw StorageError(error, name)
        }
        forgetOpen(name)
        try StorageError.wrapping(name) { () throws(SystemError) in
            try directories.sync(File.parent(of: name))
        }
    }

    func createFiles(
        _ name: String, _ bytes: [UInt8], _ copies: Copies
    ) throws(StorageError) -> Bool {
        let copyName = StorageName.path(name, .second)
        // A record of which only the copy is left keeps its number. Looked at for one copy as well.
        if try status(name) != nil { return false }
        if try status(copyName) != nil { return false }
        let first = try writeTemporary(beside: name, bytes)
        defer { removeTemporary(first) }
        // Both are complete before the first has its name, so that a full disk takes no number.
        let second = copies == .two ? try writeTemporary(beside: name, bytes) : nil
        defer { if let second { removeTemporary(second) } }
        let isMade: Bool
        do throws(StorageError) {
            isMade = try link(first, to: name)
            if isMade, let second, try !link(second, to: copyName) {
                try acceptCopy(of: name, bytes)
            }
        } catch {
            // The first may have its name all the same, and whoever finds it there relies on it.
            try syncNames(beside: name)
            throw error
        }
        // Also when it is taken: it may be by this call, if a file server's answer was lost.
        try syncNames(beside: name)
        return isMade
    }

    /// Makes the links of a create durable; where that fails they may be there nevertheless.
    private func syncNames(beside name: String) throws(StorageError) {
        do throws(SystemError) {
            try directories.sync(File.parent(of: name))
        } catch {
            throw .unsynced(name, error)
        }
    }

    /// False when the name is taken.
    private func link(_ temporary: String, to name: String) throws(StorageError) -> Bool {
        do throws(SystemError) {
            try File.link(path(temporary), to: path(name))
            return true
        } catch  where error.isTaken {
            return false
        } catch {
            throw StorageError(error, name)
        }
    }

    /// A copy that appeared after the first was linked is a repair's, and has the same bytes.
    private func acceptCopy(of name: String, _ bytes: [UInt8]) throws(StorageError) {
        guard try get(name, limit: bytes.count, copy: .second) == bytes else {
            throw StorageError(.exists, name, "its second copy holds something else")
        }
    }
}
