import Synchronization
import VarveFormat

/// What is known of directories, and of files with several names, as long as the kernel knows them.
final class OpenDirectories: Sendable {
    private struct Known {
        /// How often the kernel was told of it, less what it forgot.
        var lookups: UInt64
        /// Of a directory that was opened.
        var number: Int?
    }

    private struct Opened {
        var directory: OpenDirectory
        /// Files with several names that are known by their place in it.
        var pins = 0
        /// Whether the kernel has forgotten it.
        var isForgotten = false
    }

    private struct LinkKey: Hashable {
        var snapshot: SnapshotID
        var group: Int
    }

    private struct Linked {
        var place: EntryPlace
        var key: LinkKey
        var lookups: UInt64
    }

    private struct State {
        var known: [FileNumber: Known] = [:]
        var opened: [Int: Opened] = [:]
        var linked: [Int: Linked] = [:]
        var linkNumbers: [LinkKey: Int] = [:]
        var lastDirectory = 0
        var lastLinked = 0
    }

    private let state = Mutex(State())

    /// How many directories and files are known.
    var counts: (known: Int, opened: Int, linked: Int) {
        state.withLock { ($0.known.count, $0.opened.count, $0.linked.count) }
    }

    /// An opened directory by its own number; nil when it was forgotten.
    func directory(_ number: Int) -> OpenDirectory? {
        state.withLock { $0.opened[number]?.directory }
    }

    /// The directory that the kernel knows by `number`, from `open` when nobody looked into it before.
    func directory(
        of number: FileNumber, open: () throws -> OpenDirectory
    ) throws -> (number: Int, directory: OpenDirectory) {
        let opened = state.withLock { state in
            state.known[number]?.number.flatMap { known in
                state.opened[known].map { (known, $0.directory) }
            }
        }
        if let opened { return opened }
        let directory = try open()
        return try state.withLock { state in
            if let known = state.known[number]?.number, let other = state.opened[known] {
                return (known, other.directory)
            }
            guard state.lastDirectory + 1 < EntryPlace.directoriesMax else {
                throw Refusal.tooLarge
            }
            state.lastDirectory += 1
            state.opened[state.lastDirectory] = Opened(directory: directory)
            // The root is known without having been looked up.
            state.known[number, default: Known(lookups: 1)].number = state.lastDirectory
            return (state.lastDirectory, directory)
        }
    }

    /// Counts that the kernel is told of a directory.
    func tell(_ number: FileNumber) {
        state.withLock { $0.known[number, default: Known(lookups: 0)].lookups += 1 }
    }

    /// Counts that the kernel is told of a file with several names, and answers its number.
    func tell(linkGroup group: Int, of snapshot: SnapshotID, at place: EntryPlace) -> FileNumber {
        state.withLock { state in
            let key = LinkKey(snapshot: snapshot, group: group)
            if let number = state.linkNumbers[key] {
                state.linked[number]?.lookups += 1
                return FileNumber(linked: number)
            }
            state.lastLinked += 1
            state.linkNumbers[key] = state.lastLinked
            state.linked[state.lastLinked] = Linked(place: place, key: key, lookups: 1)
            state.opened[place.directory]?.pins += 1
            return FileNumber(linked: state.lastLinked)
        }
    }

    /// Where a file with several names stands; nil when it was forgotten.
    func place(ofLinked number: Int) -> EntryPlace? {
        state.withLock { $0.linked[number]?.place }
    }

    /// The kernel forgets that it was told of something so many times.
    func forget(_ number: FileNumber, _ count: UInt64) {
        state.withLock { state in
            if case .linked(let linked) = number.place {
                Self.forget(linked: linked, count, &state)
            } else if let lookups = state.known[number]?.lookups {
                guard lookups <= count else {
                    state.known[number]?.lookups = lookups - count
                    return
                }
                let opened = state.known.removeValue(forKey: number)?.number
                if let opened {
                    state.opened[opened]?.isForgotten = true
                    Self.closeIfUnused(opened, &state)
                }
            }
        }
    }

    private static func forget(linked number: Int, _ count: UInt64, _ state: inout State) {
        guard let linked = state.linked[number] else { return }
        guard linked.lookups <= count else {
            state.linked[number]?.lookups = linked.lookups - count
            return
        }
        state.linked[number] = nil
        state.linkNumbers[linked.key] = nil
        state.opened[linked.place.directory]?.pins -= 1
        closeIfUnused(linked.place.directory, &state)
    }

    private static func closeIfUnused(_ number: Int, _ state: inout State) {
        guard let opened = state.opened[number], opened.isForgotten, opened.pins == 0 else {
            return
        }
        state.opened[number] = nil
    }
}
