import VarveSystem

/// The variables of the environment that hold what a job's sources and its repository are opened by.
enum NeededVariables {
    private static let postgres = ["PGPASSWORD", "PGPASSFILE", "PGSERVICE", "PGSERVICEFILE"]
    private static let buckets = [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
        "AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
    ]
    /// Those that say where the key is are none: the key itself is noted.
    static let repository = ["VARVE_PASSPHRASE"]

    /// Those that sources name, and of the others those that are set.
    static func of(_ job: Job, repository place: String, isSet: (String) -> Bool) -> [String] {
        var names: [String] = []
        var others: [String] = []
        for case .word(let word) in job.sources {
            let scheme = word.prefix { $0 != ":" }
            if scheme == "env" { names.append(String(word.dropFirst(4))) }
            if scheme == "env" || scheme.hasPrefix("postgres") { others += postgres }
        }
        if ([place] + job.destinations).contains(where: { $0.hasPrefix("s3:") }) {
            others += buckets
        }
        if job.access.opening == nil { others += repository }
        var seen: Set<String> = []
        return (names + others.filter(isSet)).filter { seen.insert($0).inserted }
    }
}

extension JobAccess {
    /// The file that opens the repository, when one is named.
    var opening: String? { keyFile ?? passphraseFile ?? passphraseCommand }
}

extension SecretList {
    /// What a recovery of the job's data needs. What cannot be read is told to `failed`, by its path, and is not in
    /// the list. `repository` is where the job's snapshots go, and `keyFile` what opens that.
    public init(
        of job: Job, repository: String, keyFile: String?,
        failed: (_ path: String, _ reason: String) -> Void
    ) {
        self.init(job: job.name)
        for file in job.secrets {
            do {
                files.append(try file.record())
            } catch let error as SystemError {
                failed(file.path, error.reason)
            } catch {
                failed(file.path, "\(error)")
            }
        }
        variables = NeededVariables.of(job, repository: repository) {
            !(Environment.value($0) ?? "").isEmpty
        }
        if let file = job.access.keyFile ?? job.access.passphraseFile ?? keyFile { keys = [file] }
    }
}
