import VarveFormat
import VarveSystem

/// This client's memory of the last log record it saw, by which it notices a storage that was rolled
/// back.
///
/// It is no cache: it lies in the state directory, one file for each repository and location.
struct HeadMemory: Sendable {
    private let path: String?

    /// Nil remembers nothing.
    init(directory: String?, repository: RepositoryID, location: String) {
        let place = LocalDirectories.name(of: location)
        path = directory.map { $0 + "/heads/" + repository.hex + "-" + place }
    }

    struct Head: Sendable, Equatable {
        var number: UInt64
        var hash: RecordHash
    }

    /// What was remembered last; nil when there is none, or it cannot be read.
    func load() -> Head? {
        guard let path, let bytes = try? File.contents(of: path, limit: 256) else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard fields.count == 2, let number = UInt64(fields[0]),
            let hash = RecordHash(hex: String(fields[1]))
        else { return nil }
        return Head(number: number, hash: hash)
    }

    /// Remembers `head` unless a later one is remembered already, by another process perhaps; that
    /// it could not is no reason to fail, it is only less safe.
    ///
    /// `settle` makes the record durable that somebody else may just have made: one that a power cut
    /// takes back, and that is remembered, would look like a rollback.
    func save(_ head: Head, settle: () throws -> Void) {
        guard let path, isNews(head) else { return }
        let temporary = path + ".tmp-" + randomName(byteCount: 8)
        do {
            try settle()
            try File.makeDirectories(File.parent(of: path))
            let directory = try File.openDirectory(File.parent(of: path))
            // Where it cannot be locked, a later head may be lost to an earlier one.
            try? directory.lock()
            defer { directory.unlock() }
            guard isNews(head) else { return }
            let file = try File.createExclusively(temporary, mode: 0o600)
            try file.write(Array("\(head.number) \(head.hash.hex)\n".utf8))
            try file.sync()
            try File.rename(temporary, to: path)
        } catch {
            try? File.remove(temporary)
        }
    }

    private func isNews(_ head: Head) -> Bool {
        load().map { $0.number < head.number } ?? true
    }
}
