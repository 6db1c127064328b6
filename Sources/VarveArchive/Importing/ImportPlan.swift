public import VarveSystem

/// Which files of a directory become snapshots, and when each was made.
public struct ImportPlan: Sendable {
    public struct OldFile: Sendable, Equatable {
        public var name: [UInt8]
        /// Nanoseconds since 1970.
        public var time: Int64
        public var bytes: Int
    }

    /// A name that is none of them, and why.
    public struct LeftOut: Sendable, Equatable {
        public var name: [UInt8]
        public var reason: String
        /// Whether it looks like one of the files all the same, so that something is lost.
        public var isError = false
    }

    /// In the order of their times.
    public private(set) var files: [OldFile] = []
    /// Those that are snapshots already.
    public private(set) var present: [OldFile] = []
    public private(set) var leftOut: [LeftOut] = []

    /// Looks at the names in `directory`; `taken` are the times of snapshots that exist.
    public init(
        _ directory: borrowing File, _ pattern: TimePattern, taken: Set<Int64>
    ) throws(SystemError) {
        let entries = try directory.entries()
        for entry in entries.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            guard let named = pattern.time(in: entry.name) else {
                leftOut.append(LeftOut(name: entry.name, reason: "its name does not match"))
                continue
            }
            guard let time = named.nanoseconds else {
                let reason = "no calendar has the date in its name"
                leftOut.append(LeftOut(name: entry.name, reason: reason, isError: true))
                continue
            }
            let status = try directory.status(of: entry.name, follow: false)
            guard status.kind == .regular else {
                leftOut.append(LeftOut(name: entry.name, reason: "it is no regular file"))
                continue
            }
            files.append(OldFile(name: entry.name, time: time, bytes: Int(status.size)))
        }
        arrange(taken)
    }

    /// Sorts the files by time, of which no two may have the same.
    private mutating func arrange(_ taken: Set<Int64>) {
        // Those of equal times stay in the order of their names.
        let sorted = files.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }.map(\.element)
        files = []
        var last: OldFile?
        for file in sorted {
            if let last, last.time == file.time {
                let other = String(decoding: last.name, as: UTF8.self)
                let reason =
                    "it has the same time as \(other); narrow the pattern so that it matches one of them"
                leftOut.append(LeftOut(name: file.name, reason: reason, isError: true))
                continue
            }
            last = file
            if taken.contains(file.time) { present.append(file) } else { files.append(file) }
        }
    }
}
