/// Everything a snapshot says about itself; what may change later is said by the log.
public struct SnapshotManifest: Sendable, Equatable {
    /// One thing that was read.
    public struct Source: Sendable, Equatable {
        public enum Kind: String, Sendable, Codable {
            case path
            /// What was given on standard input.
            case stdin
            /// What a command wrote.
            case command
            /// A PostgreSQL database.
            case postgres
            /// A SQLite database.
            case sqlite
            /// A JSON file, known by its top-level keys.
            case json
        }

        public var kind: Kind
        /// Raw bytes, which need not be UTF-8.
        public var name: [UInt8]
        /// What places the source in time, by name, such as a log sequence number.
        public var anchors: [String: String]

        public init(kind: Kind, name: [UInt8], anchors: [String: String] = [:]) {
            self.kind = kind
            self.name = name
            self.anchors = anchors
        }
    }

    public struct Root: Sendable, Equatable {
        /// The root directory's records.
        public var content: Content
        /// Entries of the whole tree, without the root itself.
        public var entries: Int
        /// As a node's.
        public var isPartial: Bool

        public init(content: Content, entries: Int, isPartial: Bool = false) {
            self.content = content
            self.entries = entries
            self.isPartial = isPartial
        }
    }

    /// Where a copy was made from.
    public struct Origin: Sendable, Equatable {
        public var repository: RepositoryID
        /// The number of the commit there.
        public var number: UInt64
        /// Nanoseconds since 1970.
        public var commitTime: Int64

        public init(repository: RepositoryID, number: UInt64, commitTime: Int64) {
            self.repository = repository
            self.number = number
            self.commitTime = commitTime
        }
    }

    public struct Counts: Sendable, Equatable, Codable {
        public var files = 0
        public var directories = 0
        public var others = 0
        /// Bytes of all files.
        public var bytes = 0
        public var filesNew = 0
        public var filesChanged = 0
        public var filesUnmodified = 0
        public var chunksNew = 0
        /// Plain bytes of the new chunks.
        public var bytesNew = 0
        /// Bytes that the new chunks take in the storage.
        public var bytesStored = 0
        public var errors = 0

        public init() {}
    }

    public var id: SnapshotID
    /// Nanoseconds since 1970.
    public var time: Int64
    public var host: String
    public var user: String
    public var sources: [Source]
    public var root: Root
    /// What change detection compares; nil when there is nothing to compare.
    public var statList: Content?
    public var parent: SnapshotID?
    public var origin: Origin?
    public var tags: [String]
    public var description: String
    /// Whether something could not be read.
    public var isIncomplete: Bool
    public var counts: Counts
    public var durationSeconds: Double
    /// The name and version of the program.
    public var program: String

    public init(
        id: SnapshotID, time: Int64, host: String, user: String, sources: [Source], root: Root,
        statList: Content? = nil, parent: SnapshotID? = nil, origin: Origin? = nil,
        tags: [String] = [], description: String = "", isIncomplete: Bool = false,
        counts: Counts = Counts(), durationSeconds: Double = 0, program: String
    ) {
        self.id = id
        self.time = time
        self.host = host
        self.user = user
        self.sources = sources
        self.root = root
        self.statList = statList
        self.parent = parent
        self.origin = origin
        self.tags = tags
        self.description = description
        self.isIncomplete = isIncomplete
        self.counts = counts
        self.durationSeconds = durationSeconds
        self.program = program
    }
}

extension SnapshotManifest.Counts {
    private enum CodingKeys: String, CodingKey {
        case files, directories, others, bytes
        case filesNew = "files_new"
        case filesChanged = "files_changed"
        case filesUnmodified = "files_unmodified"
        case chunksNew = "chunks_new"
        case bytesNew = "bytes_new"
        case bytesStored = "bytes_stored"
        case errors
    }

    /// Whether no count is below zero.
    var isValid: Bool {
        let files = [filesNew, filesChanged, filesUnmodified, self.files]
        return (files + [directories, others, bytes, chunksNew, bytesNew, bytesStored, errors])
            .allSatisfy { $0 >= 0 }
    }
}
