import VarveFormat
import VarveRepository

/// Tells what became of files: to their slices, to other names of the same file, and to whoever watches.
struct Completion: Sendable {
    let links = HardLinks()
    let counts: RunCounts
    let progress: Progress
    let observer: ArchiveObserver

    /// Files of a slice are done; stores the directory if they were its last.
    func complete(
        _ outcomes: [PendingSlice.Outcome], of slice: PendingSlice, _ writer: inout ChunkWriter
    ) throws {
        for outcome in outcomes { try tellOtherNames(outcome, slice, &writer) }
        if slice.complete(outcomes) { try slice.directory.store(&writer, counts) }
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
        try finish(waiter, other, &writer)
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

    private func tellOtherNames(
        _ outcome: PendingSlice.Outcome, _ slice: PendingSlice, _ writer: inout ChunkWriter
    ) throws {
        let node = outcome.node ?? slice.node(outcome.position)
        guard let group = node.hardLinkGroup else { return }
        if let node = outcome.node {
            for waiter in links.tell(group, node) { try complete(waiter, as: node, &writer) }
            return
        }
        for waiter in links.fail(group) {
            observer(
                .failed(
                    path: waiter.slice.directory.displayPath(of: waiter.file.name),
                    reason: "it is another name of a file that could not be read"))
            try finish(waiter, nil, &writer)
        }
    }

    private func finish(
        _ waiter: HardLinks.Waiter, _ node: Node?, _ writer: inout ChunkWriter
    ) throws {
        let outcome = PendingSlice.Outcome(position: waiter.file.position, node: node)
        if waiter.slice.complete([outcome]) { try waiter.slice.directory.store(&writer, counts) }
    }
}
