import VarveFormat

/// The content of one stream while its slabs come back from the workers; only the reader touches it.
final class StreamContent: @unchecked Sendable {
    // Unchecked: used by the reader's thread only, workers pass it through.
    private var builder = ContentBuilder()
    private var ahead: [Int: Slab] = [:]
    private var nextSequence = 0
    /// How many slabs were sent.
    var sent = 0
    /// Bytes of the stream that the taken slabs cover.
    private(set) var takenBytes = 0
    var isEnded = false
    /// Reading failed half way, so nothing is made of it.
    var isAbandoned = false
    /// What to do with the content when it is complete.
    let complete: (Content) throws -> Void

    init(complete: @escaping (Content) throws -> Void) { self.complete = complete }

    /// Slabs that were sent and not taken in order yet.
    var outstanding: Int { sent - nextSequence }
    var isAllTaken: Bool { outstanding == 0 }
    var isDone: Bool { isEnded && isAllTaken }

    /// Keeps a slab that came back until those before it have.
    func accept(_ slab: Slab) { ahead[slab.sequence] = slab }

    /// The next slab in order, when it has come back.
    func takeNext() -> Slab? {
        guard let slab = ahead.removeValue(forKey: nextSequence) else { return nil }
        nextSequence += 1
        return slab
    }

    /// All slabs were taken; those after a wrong prediction are sent again under new numbers.
    func rewind() { ahead = [:] }

    func append(_ entries: [Content.Entry], _ store: ContentBuilder.Store) throws {
        for entry in entries {
            try builder.append(entry, store)
            takenBytes += entry.bytes
        }
    }

    func finish(_ store: ContentBuilder.Store) throws {
        try complete(try builder.finish(store))
    }
}
