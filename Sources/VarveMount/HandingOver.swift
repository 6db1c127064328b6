import VarveFormat
import VarveRepository

extension FileSystem {
    /// Calls `body` with the bytes of up to `count` files that stand behind a place in its directory, until it
    /// answers false; the place of the last of them. Files with several names, with holes, or longer than
    /// a limit are left out.
    ///
    /// What cannot be read ends it, and is told to whoever asks for it.
    func filesBehind(
        _ place: EntryPlace, count: Int, _ body: (FileNumber, UnsafeRawBufferPointer) -> Bool
    ) -> EntryPlace? {
        guard let directory = directories.directory(place.directory) else { return nil }
        var last: EntryPlace?
        _ = try? readers.with { reader in
            let nodes = try piece(place.piece, of: place.directory, directory, &reader.chunks).nodes
            var (files, bytes) = (count, MountLimits.handedBytes)
            var next = place
            while files > 0, bytes > 0, next.index + 1 < nodes.count {
                next.index += 1
                let node = nodes[next.index]
                guard Self.isHandedOver(node) else { continue }
                var isTaken = false
                try FileBytes(node).read(0..<node.size, &reader.chunks, reader.room) {
                    isTaken = body(FileNumber(next), $0)
                }
                guard isTaken else { return }
                last = next
                (files, bytes) = (files - 1, bytes - node.size)
            }
        }
        return last
    }

    private static func isHandedOver(_ node: Node) -> Bool {
        node.kind == .file && node.hardLinkGroup == nil && !FileBytes.isLong(node)
            && (1...MountLimits.handedFileBytes).contains(node.size)
    }
}
