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

    /// As if the program had left out some of its syncs, or made them at the very end only: those of a
    /// file's content, of a directory's names, or of everything ("").
    func leavingOut(
        untilTheEnd: Bool, _ isLeftOut: (_ ofNames: Bool, _ path: String) -> Bool
    ) -> Journal {
        var paths: [Int: String] = [:]
        for case (let path, .file(let file)) in names { paths[file] = path }
        var (rest, late) = (self, [Event]())
        for (index, event) in events.enumerated() {
            if case .named(_, let changes) = event {
                for case (let path, .file(let file)?) in changes { paths[file] = path }
            }
            guard let (ofNames, path) = event.syncs(paths), isLeftOut(ofNames, path) else {
                continue
            }
            // An event that syncs nothing keeps the places of the others.
            rest.events[index] = event.since(0)
            late.append(event.since(.max))
        }
        if untilTheEnd { rest.events += late }
        return rest
    }
}

extension Journal.Event {
    /// What it syncs, by the path that the file has at the time; nil when it is no sync.
    fileprivate func syncs(_ paths: [Int: String]) -> (ofNames: Bool, path: String)? {
        switch self {
        case .synced(let file, _): (false, paths[file] ?? "")
        case .syncedNames(let directory, _): (true, directory)
        case .syncedAll: (true, "")
        case .named, .wrote: nil
        }
    }

    fileprivate func since(_ moment: Int) -> Journal.Event {
        switch self {
        case .synced(let file, _): .synced(file: file, since: moment)
        case .syncedNames(let directory, _): .syncedNames(directory: directory, since: moment)
        case .syncedAll: .syncedAll(since: moment)
        case .named, .wrote: self
        }
    }
}
