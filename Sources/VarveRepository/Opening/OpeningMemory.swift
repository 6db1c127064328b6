import VarveFormat
import VarveSystem

/// What opened a repository the last time, on this machine: where it is tried first, nothing needs to be
/// listed. It may be wrong, and then it is passed over.
struct OpeningMemory: Sendable {
    private let path: String

    struct Keys: Sendable, Equatable {
        var slot: SlotID
        /// The keyring in force.
        var keyring: KeyringObjectID
    }

    init(_ directories: LocalDirectories, _ repository: RepositoryID) {
        path = directories.cache + "/" + repository.hex + "/opened"
    }

    func load() -> Keys? {
        guard let bytes = try? File.contents(of: path, limit: 256) else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard fields.count == 2, let slot = SlotID(hex: String(fields[0])),
            let keyring = KeyringObjectID(hex: String(fields[1]))
        else { return nil }
        return Keys(slot: slot, keyring: keyring)
    }

    /// That it could not is no reason to fail.
    func save(_ keys: Keys) {
        guard load() != keys else { return }
        let temporary = path + ".tmp-" + randomName(byteCount: 8)
        do {
            try File.makeDirectories(File.parent(of: path))
            let file = try File.createExclusively(temporary, mode: 0o600)
            try file.write(Array("\(keys.slot.hex) \(keys.keyring.hex)\n".utf8))
            try File.rename(temporary, to: path)
        } catch {
            try? File.remove(temporary)
        }
    }
}
