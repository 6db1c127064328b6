import VarveFormat

/// This machine's memory of when it last read which pack whole, and found it so.
struct CheckedPacks {
    /// Nanoseconds since 1970, by this machine's clock.
    private(set) var times: [PackID: Int64] = [:]
    private let remembered: RememberedLines

    init(directory: String) {
        remembered = RememberedLines("checked", in: directory)
        for line in remembered.lines {
            let fields = line.split(separator: " ")
            guard fields.count == 2, let id = PackID(hex: String(fields[0])),
                let time = Int64(fields[1])
            else { continue }
            times[id] = time
        }
    }

    mutating func note(_ pack: PackID, at time: Int64) { times[pack] = time }

    mutating func forget(_ pack: PackID) { times[pack] = nil }

    /// Remembers those in `packs`; that it could not only makes the next check choose worse.
    func save(_ packs: Set<PackID>) {
        remembered.save(
            times.filter { packs.contains($0.key) }.sorted { $0.key < $1.key }
                .map { Substring("\($0.key.hex) \($0.value)") })
    }
}
