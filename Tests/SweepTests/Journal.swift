/// What happened to the files below a directory, in order: what a power cut is made of.
struct Journal: Sendable {
    /// What lies under a name.
    enum Entry: Hashable, Sendable {
        case directory
        case file(Int)
    }

    enum Event: Sendable {
        /// The names in a directory changed, as a whole: a link, a rename, a removal (nil).
        case named(directory: String, [String: Entry?])
        /// A file has this content now.
        case wrote(file: Int, [UInt8])
        /// The content that a file had before that event is on the disk.
        case synced(file: Int, since: Int)
        /// So are the names that a directory had.
        case syncedNames(directory: String, since: Int)
        /// Everything is.
        case syncedAll(since: Int)
    }

    /// What lay there before, all of it on the disk. Paths begin below the directory, which is "".
    var names: [String: Entry] = [:]
    var contents: [[UInt8]] = []
    var events: [Event] = []

    /// As if the program had left out some of its syncs.
    func forgettingSyncs(_ isForgotten: (_ ofNames: Bool, _ path: String) -> Bool) -> Journal {
        var paths: [Int: String] = [:]
        for case (let path, .file(let file)) in names { paths[file] = path }
        var rest = self
        rest.events = events.map { event in
            switch event {
            case .named(_, let changes):
                for case (let path, .file(let file)?) in changes { paths[file] = path }
            case .synced(let file, _) where isForgotten(false, paths[file] ?? ""):
                return .synced(file: file, since: 0)
            case .syncedNames(let directory, _) where isForgotten(true, directory):
                return .syncedNames(directory: directory, since: 0)
            default: break
            }
            return event
        }
        return rest
    }
}
