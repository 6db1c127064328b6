import VarveCrypto
import VarveFormat
import VarveSystem

/// Lines that this machine remembers of its work on a repository.
///
/// They are disposable: what is missing, or not what was written, is nothing.
struct RememberedLines {
    private let path: String

    /// Enough for half a million packs.
    private static let bytesMax = 48 << 20

    init(_ name: String, in directory: String) { path = directory + "/" + name }

    var lines: [Substring] {
        guard let bytes = try? File.contents(of: path, limit: Self.bytesMax) else { return [] }
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")[...]
        guard let digest = lines.popFirst(), digest == Self.digest(Array(lines)) else { return [] }
        return Array(lines)
    }

    /// Replaces them; a machine that cannot remember goes on without. Of two processes that do so at
    /// once one may spoil what the other writes, and then nothing is remembered.
    func save(_ lines: [Substring]) {
        let text = Self.digest(lines) + "\n" + lines.map { $0 + "\n" }.joined()
        // One name, so that killed processes leave only one behind.
        let temporary = path + ".new"
        do {
            try File.makeDirectories(File.parent(of: path))
            try File.createOrTruncate(temporary, mode: 0o600).write(Array(text.utf8))
            try File.rename(temporary, to: path)
        } catch {
            try? File.remove(temporary)
        }
    }

    private static func digest(_ lines: [Substring]) -> String {
        Hex.encode(SHA256.digest(Array(lines.joined(separator: "\n").utf8)))
    }
}
