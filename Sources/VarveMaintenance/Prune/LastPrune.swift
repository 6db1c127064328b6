/// When this machine last carried a prune to its end, even one that had nothing to do.
struct LastPrune {
    /// Nanoseconds since 1970, by this machine's clock.
    var time: Int64

    private static let name = "last-prune"

    init(time: Int64) { self.time = time }

    /// Nil when this machine knows of none.
    init?(directory: String) {
        guard let line = RememberedLines(Self.name, in: directory).lines.first,
            let time = Int64(line)
        else { return nil }
        self.time = time
    }

    func save(directory: String) {
        RememberedLines(Self.name, in: directory).save(["\(time)"])
    }
}
