import Synchronization
import VarveFormat
import VarveSystem

/// Which entries are one file: each is read at its first appearance, the others wait for that.
///
/// Groups are numbered by the walker; what was read of them is told by any thread.
final class HardLinks: Sendable {
    /// One name of a file that has several.
    struct Link: Sendable {
        /// Numbered from 1, by first appearance.
        var group: Int
        /// No other name of the file is to come.
        var isLast: Bool
    }

    /// An entry that waits for the first one of its group.
    struct Waiter: Sendable {
        var slice: PendingSlice
        var file: FileBatch.File
        /// The open directory; see `FileBatch`.
        var handle: SharedFile?
    }

    enum Claim {
        /// This is the first: read it, then tell.
        case first
        /// It will be told when the first one is read.
        case waits
        /// The file was read; the node says nothing of this name.
        case known(Node)
    }

    private struct Reading: Sendable {
        var waiters: [Waiter] = []
        var isLast = false
    }

    private enum Group: Sendable {
        case reading(Reading)
        case read(ReadFile)
    }

    /// What all names of a file that was read have in common, as the record of a node: of a file that has
    /// names outside of the sources it is kept to the end.
    private struct ReadFile: Sendable {
        private let record: [UInt8]

        init(_ node: Node) {
            var common = Node(kind: .file, name: [UInt8(ascii: "-")])
            common.modified = node.modified
            common.content = node.content
            common.attributes = node.attributes
            common.holes = node.holes
            var writer = ByteWriter()
            common.encode(into: &writer)
            // Of exactly its length, which an array that grew is not.
            record = writer.bytes.withUnsafeBytes { Array($0) }
        }

        /// A node with that, and nothing else.
        var node: Node? {
            record.withUnsafeBytes {
                var reader = ByteReader($0)
                return try? Node(&reader)
            }
        }
    }

    /// A file; the number of an inode alone may be used again while we walk.
    private struct Identity: Hashable {
        var entry: EntryIdentity
        var size: Int64
        var mtime: Int64
    }

    private struct State: Sendable {
        /// How many names of a file are to come.
        var links: [Identity: (group: Int, left: UInt32)] = [:]
        var groups: [Int: Group] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// Nil for an entry that has one name, and for a directory.
    func link(_ status: FileStatus) -> Link? {
        guard status.links > 1, status.kind != .directory else { return nil }
        let identity = Identity(
            entry: EntryIdentity(status), size: status.size, mtime: status.mtime)
        return state.withLock { state in
            let known = state.links[identity]
            if known == nil { state.last += 1 }
            let group = known?.group ?? state.last
            let left = (known?.left ?? status.links) - 1
            state.links[identity] = left > 0 ? (group, left) : nil
            return Link(group: group, isLast: left == 0)
        }
    }

    /// What to do with a file that has to be read.
    func claim(_ link: Link, _ waiter: Waiter) -> Claim {
        state.withLock { state in
            switch state.groups[link.group] {
            case nil:
                state.groups[link.group] = .reading(Reading(isLast: link.isLast))
                return .first
            case .reading(var reading):
                reading.waiters.append(waiter)
                reading.isLast = link.isLast
                state.groups[link.group] = .reading(reading)
                return .waits
            case .read(let file):
                guard let node = file.node else { return .first }
                if link.isLast { state.groups[link.group] = nil }
                return .known(node)
            }
        }
    }

    /// The first one is read; answers who waited for it.
    func tell(_ group: Int, _ node: Node) -> [Waiter] {
        state.withLock { state in
            guard case .reading(let reading) = state.groups[group] else { return [] }
            state.groups[group] = reading.isLast ? nil : .read(ReadFile(node))
            return reading.waiters
        }
    }

    /// The first one cannot be read: answers who waited for it and is the first now. When nobody did, the
    /// next one to come is.
    func fail(_ group: Int) -> Waiter? {
        state.withLock { state in
            guard case .reading(var reading) = state.groups[group], !reading.waiters.isEmpty else {
                state.groups[group] = nil
                return nil
            }
            let next = reading.waiters.removeFirst()
            state.groups[group] = .reading(reading)
            return next
        }
    }
}
