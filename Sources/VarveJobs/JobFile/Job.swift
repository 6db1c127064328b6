public import VarveArchive
public import VarveCodec
public import VarveMaintenance
public import VarveSources

/// What is taken together, and all that belongs to that: one job of a file.
public struct Job: Sendable {
    public var name: String
    public var sources: [JobSource] = []
    public var excludes = ExcludeRules()
    public var databases = SourceOptions()
    /// Besides `jobTag`.
    public var tags: [String] = []
    /// This machine's name when nil.
    public var host: String?
    public var description = ""
    public var secrets: [SecretFile] = []
    public var hooks = JobHooks()
    public var retention: JobRetention?
    /// Repositories that get the snapshots afterwards.
    public var destinations: [String] = []
    public var access = JobAccess()
    public var compression: CompressionLevel?
    public var proof = JobProof()

    /// What every snapshot of the job is tagged with.
    public var jobTag: String { "job:" + name }

    /// Whether it has programs run.
    var runsPrograms: Bool {
        let commands = sources.contains { if case .command = $0 { true } else { false } }
        return commands || !hooks.isEmpty || access.passphraseCommand != nil
    }
}

/// What a snapshot is taken of, or a part of that.
public enum JobSource: Sendable, Equatable {
    /// An absolute path.
    case path(String)
    /// A source of another kind, as a command line has it; paths in it are absolute.
    case word(String)
    /// What a program writes.
    case command(CommandSource)

    /// What people call it.
    public var name: String {
        switch self {
        case .path(let path): path
        case .word(let word): word
        case .command(let command): command.name
        }
    }
}

/// A program whose output is a file at the root of the snapshot.
public struct CommandSource: Sendable, Equatable {
    public var invocation: Invocation
    /// The name of the file.
    public var name: String
    /// What is inside its gzip data is stored.
    public var isGunzipped: Bool
}

/// What is to be started.
public enum Invocation: Sendable, Equatable {
    /// A program and its arguments.
    case words([String])
    /// A line for `sh -c`.
    case shell(String)

    /// The program and its arguments.
    public var words: [String] {
        switch self {
        case .words(let words): words
        case .shell(let line): ["sh", "-c", line]
        }
    }

    /// What people call it: without arguments, which may be long.
    public var name: String {
        switch self {
        case .words(let words): words.first ?? ""
        case .shell(let line): Shown.short(line)
        }
    }
}

/// A program that runs before or after.
public struct Hook: Sendable, Equatable {
    public var invocation: Invocation
    public var timeoutSeconds: Int
}

/// What runs around a snapshot.
public struct JobHooks: Sendable, Equatable {
    public static let timeoutSeconds = 3_600

    public var before: [Hook] = []
    public var after: [Hook] = []
    public var onSuccess: [Hook] = []
    public var onFailure: [Hook] = []

    public init() {}

    public var isEmpty: Bool { all.isEmpty }

    var all: [Hook] { before + after + onSuccess + onFailure }
}

/// What stays of the job's snapshots.
public struct JobRetention: Sendable, Equatable {
    public var policy: RetentionPolicy
    /// Frees the room at once.
    public var prunes = false
}

/// Where the repository is, and what opens it. What is nil is left to the environment.
public struct JobAccess: Sendable, Equatable {
    public var repository: String?
    public var keyFile: String?
    public var passphraseFile: String?
    public var passphraseCommand: String?
    /// KiB a second.
    public var limitUpload: Int?
    /// KiB a second.
    public var limitDownload: Int?
    public var connections: Int?
    /// Settings as `-o` has them.
    public var storageOptions: [String] = []

    public init() {}
}

/// How the snapshots of a job are proven by restoring them.
public struct JobProof: Sendable, Equatable {
    /// How old the newest proof may be when a run proves its snapshot as well.
    public enum Interval: Sendable, Equatable {
        case everyRun
        case age(RetentionAge)
    }

    public var questions = ProofQuestions()
    /// No run proves anything when nil.
    public var interval: Interval?

    public init() {}
}
