/// Whether somebody reads the files of directories one after the other, and how many more they will want.
struct ReadingOrder: Sendable {
    private struct Run {
        var directory: Int
        /// The last file that was read or handed over.
        var last: EntryPlace
        var batch: Int
    }

    /// Those that were read last stand last.
    private var runs: [Run] = []
    /// How many files in a row were read in order, also across directories.
    private var streak = 0

    private static let runsMax = 16
    private static let batchMin = 4
    private static let batchMax = 128
    /// As many files in a row tell that whole directories are read.
    private static let streakMin = 4
    /// How many entries may be left out: directories, and what is excluded.
    private static let skipMax = 64

    /// Notes that the first bytes of a file are asked for; how many files behind it are worth handing over.
    mutating func asked(for place: EntryPlace) -> Int {
        guard let index = runs.firstIndex(where: { $0.directory == place.directory }) else {
            let batch = streak >= Self.streakMin ? Self.batchMin * 8 : 0
            runs.append(Run(directory: place.directory, last: place, batch: batch))
            if runs.count > Self.runsMax { runs.removeFirst() }
            return batch
        }
        var run = runs.remove(at: index)
        defer { runs.append(run) }
        let isInOrder =
            place.piece == run.last.piece
            ? (1...Self.skipMax).contains(place.index - run.last.index)
            : place.piece == run.last.piece + 1
        run.last = place
        streak = isInOrder ? streak + 1 : 0
        run.batch = isInOrder ? min(Self.batchMax, max(Self.batchMin, run.batch * 2)) : 0
        return run.batch
    }

    /// Notes up to which file of a directory the kernel has what it may want.
    mutating func handedOver(to place: EntryPlace) {
        guard let index = runs.firstIndex(where: { $0.directory == place.directory }) else {
            return
        }
        runs[index].last = place
    }
}
