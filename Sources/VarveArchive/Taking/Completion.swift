import VarveFormat
import VarveRepository

/// Tells what became of files: to their slices, to other names of the same file, and to whoever watches.
struct Completion: Sendable {
    let links = HardLinks()
    let counts: RunCounts
    let progress: Progress
    let observer: ArchiveObserver

    /// The same, with counts of its own.
    func counting(in counts: RunCounts) -> Completion {
        Completion(counts: counts, progress: progress, observer: observer)
    }

    /// Files of a slice are done; stores the directory if they were its last. Answers other names of those
    /// that could not be read, which are to be read instead.
    func complete(
        _ outcomes: [PendingSlice.Outcome], of slice: PendingSlice, _ writer: inout ChunkWriter
    ) throws -> [HardLinks.Waiter] {
        var next: [HardLinks.Waiter] = []
        var outcomes = outcomes
        for index in outcomes.indices {
            dropUnsound(&outcomes[index], slice)
            let outcome = outcomes[index]
            let node = outcome.node ?? slice.node(outcome.position)
            guard let group = node.hardLinkGroup else { continue }
            if outcome.node == nil {
                if let waiter = links.fail(group) { next.append(waiter) }
            } else {
                for waiter in links.tell(group, node) { try complete(waiter, as: node, &writer) }
            }
        }
        if slice.complete(outcomes) { try slice.directory.store(&writer, counts) }
        return next
    }

    /// A reader refuses what is beyond its bounds, and all that stands beside it: better that one less.
    private func dropUnsound(_ outcome: inout PendingSlice.Outcome, _ slice: PendingSlice) {
        guard let node = outcome.node else { return }
        do throws(FormatError) {
            try node.check()
        } catch {
            outcome.node = nil
            let path = slice.directory.displayPath(of: node.name)
            observer(.failed(path: path, reason: "it cannot be stored: \(error)"))
        }
    }

    /// `waiter` is another name of `node`.
    func complete(
        _ waiter: HardLinks.Waiter, as node: Node, _ writer: inout ChunkWriter
    ) throws {
        var other = waiter.slice.node(waiter.file.position)
        other.content = node.content
        other.holes = node.holes
        other.attributes = node.attributes
        other.modified = node.modified
        progress.add(bytes: node.content?.size ?? 0)
        told(waiter.file, other, waiter.slice)
        let outcome = PendingSlice.Outcome(position: waiter.file.position, node: other)
        if waiter.slice.complete([outcome]) { try waiter.slice.directory.store(&writer, counts) }
    }

    /// Counts a file that is read, and says so.
    func told(_ file: FileBatch.File, _ node: Node, _ slice: PendingSlice) {
        let change = file.change(node.content)
        let bytes = node.content?.size ?? 0
        counts.add(change)
        // Holes are done, and cost nothing.
        progress.add(files: 1, bytes: node.size - bytes)
        observer(
            .file(path: slice.directory.displayPath(of: file.name), change: change, bytes: bytes))
    }
}
