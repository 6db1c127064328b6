/// How well a snapshot is proven to restore, and when that was proven.
public struct ProofGrade: Sendable, Equatable {
    /// What was proven, the least first.
    public enum Level: String, Sendable, CaseIterable, Comparable {
        /// It was committed; nothing was read since.
        case stored
        /// Every byte was read.
        case read
        /// Its databases were restored, and are what they were.
        case restored
        /// What was asked of the restored databases held.
        case queried

        public static func < (first: Level, second: Level) -> Bool {
            first.rank < second.rank
        }

        private var rank: Int { Level.allCases.firstIndex(of: self) ?? 0 }
    }

    public var level: Level
    /// Nanoseconds since 1970; nil when nothing was proven.
    public var time: Int64?

    public init(_ level: Level, time: Int64?) {
        self.level = level
        self.time = time
    }

    /// Reads what an amendment says; words of a later version count as nothing proven.
    public init(text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let level = Level(rawValue: String(words[0])), level > .stored,
            let time = Timestamp.nanoseconds(String(words[1]))
        else {
            self.init(.stored, time: nil)
            return
        }
        self.init(level, time: time)
    }

    /// What an amendment says: empty when nothing was proven.
    public var text: String {
        guard let time, level > .stored else { return "" }
        return level.rawValue + " " + Timestamp.text(nanoseconds: time)
    }
}

extension RepositoryState.SnapshotEntry {
    /// How well the snapshot is proven to restore.
    public var proofGrade: ProofGrade { ProofGrade(text: grade) }
}
