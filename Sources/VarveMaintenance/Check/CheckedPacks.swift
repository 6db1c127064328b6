import VarveCrypto
import VarveFormat
import VarveSystem

/// This machine's memory of when it last read which pack whole, and found it so.
///
/// It is disposable: what is missing, or not what was written, means never.
struct CheckedPacks {
    /// Seconds since 1970.
    private(set) var times: [PackID: Int64] = [:]
    private let path: String

    private static let bytesMax = 256 << 20

    init(directory: String) {
        path = directory + "/checked"
        guard let bytes = try? File.contents(of: path, limit: Self.bytesMax) else { return }
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")[...]
        guard let digest = lines.popFirst(), digest == Self.digest(Array(lines)) else { return }
        for line in lines {
            let fields = line.split(separator: " ")
            guard fields.count == 2, let id = PackID(hex: String(fields[0])),
                let time = Int64(fields[1])
            else { continue }
            times[id] = time
        }
    }

    private static func digest(_ lines: [Substring]) -> String {
        Hex.encode(SHA256.digest(Array(lines.joined(separator: "\n").utf8)))
    }

    mutating func note(_ pack: PackID, seconds: Int64) { times[pack] = seconds }

    /// Remembers those in `packs`; that it could not only makes the next check choose worse.
    func save(_ packs: Set<PackID>) {
        let lines = times.filter { packs.contains($0.key) }.sorted { $0.key < $1.key }
            .map { Substring("\($0.key.hex) \($0.value)") }
        let text = Self.digest(lines) + "\n" + lines.map { $0 + "\n" }.joined()
        let temporary = path + ".tmp-" + randomName(byteCount: 8)
        do {
            try File.makeDirectories(File.parent(of: path))
            try File.createExclusively(temporary, mode: 0o600).write(Array(text.utf8))
            try File.rename(temporary, to: path)
        } catch {
            try? File.remove(temporary)
        }
    }
}
